import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupRoot } from './node-configuration.ts';

const mountPoint = '/sys/fs/cgroup';

/** Version 1 has a hierarchy for each controller, version 2 one for all. */
async function hierarchies(): Promise<{ readonly version: 1 | 2; readonly folders: readonly string[] }> {
  if (existsSync(join(mountPoint, 'cgroup.controllers'))) {
    return { version: 2, folders: [mountPoint] };
  }
  const names = await readdir(mountPoint);
  return { version: 1, folders: names.map((name) => join(mountPoint, name)) };
}

/** One for each node, which its kubelet takes for the root. */
export async function createCgroups(nodes: readonly string[]): Promise<void> {
  const { version, folders } = await hierarchies();
  for (const folder of folders) {
    for (const path of ['', ...nodes.map((node) => `/${node}`)]) {
      const group = join(folder, cgroupRoot, path);
      await mkdir(group, { recursive: true });
      await (version === 1 ? inheritCpuset(group) : delegate(join(group, '..')));
    }
  }
}

/** A cpuset of version 1 is born empty, and nothing can run in it. */
async function inheritCpuset(group: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (existsSync(join(group, file))) {
      await writeFile(join(group, file), await readFile(join(group, '..', file)));
    }
  }
}

async function delegate(group: string): Promise<void> {
  const controllers = (await readFile(join(group, 'cgroup.controllers'), 'utf8')).trim().split(' ');
  await writeFile(join(group, 'cgroup.subtree_control'), controllers.map((name) => `+${name}`).join(' '));
}

/** After the processes in them have ended. @returns whether none is left */
export async function removeCgroups(): Promise<boolean> {
  const { folders } = await hierarchies();
  const results = await Promise.all(folders.map((folder) => removeTree(join(folder, cgroupRoot))));
  return results.every(Boolean);
}

async function removeTree(group: string): Promise<boolean> {
  if (!existsSync(group)) {
    return true;
  }
  const children = (await readdir(group, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const child of children) {
    await removeTree(join(group, child.name));
  }
  return rmdir(group).then(
    () => true,
    () => false,
  );
}
