import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../framework/patience.ts';
import { cacheFolder } from './folders.ts';
import { firstProcess, hasBridge, markedProcesses, tryFindProgram } from './namespaces.ts';
import { cgroupRoot } from './node-configuration.ts';
import { explainMissing, inspectMachine } from './prerequisites.ts';
import { runCommand } from '../../images/run-command.ts';

const missing = explainMissing(await inspectMachine(process.env));
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
}
const bedIt = it.skipIf(missing !== undefined);
const main = join(import.meta.dirname, 'main.ts');
const minuteMs = 60_000;

function bed(...args: string[]): Promise<string> {
  return runCommand(process.execPath, [main, ...args]);
}

/** All that a bed may leave behind on the machine. */
async function leftovers(): Promise<string[]> {
  const found: string[] = [];
  if ((await markedProcesses()).length > 0) {
    found.push('processes');
  }
  if (await hasBridge()) {
    found.push('the bridge');
  }
  if ((await runCommand('ip', ['-oneline', 'link'])).includes('flint-bed')) {
    found.push('interfaces');
  }
  const groups = await readdir('/sys/fs/cgroup', { recursive: false });
  for (const group of ['', ...groups]) {
    if (
      await readdir(join('/sys/fs/cgroup', group, cgroupRoot)).then(
        () => true,
        () => false,
      )
    ) {
      found.push(`cgroup ${group}`);
    }
  }
  if ((await readFile('/proc/self/mounts', 'utf8')).includes(join(cacheFolder(process.env), 'bed'))) {
    found.push('mounts');
  }
  return found;
}

beforeAll(async () => {
  if (missing === undefined) {
    await bed('build');
    await bed('down');
  }
}, 40 * minuteMs);

afterAll(async () => {
  if (missing === undefined) {
    await bed('down');
  }
}, 10 * minuteMs);

bedIt('comes up with two nodes and answers kubectl', { timeout: 10 * minuteMs }, async () => {
  expect(await bed('up', '--nodes', '2')).toContain('The bed is up');
  expect(await bed('kubectl', 'get', 'nodes')).toMatch(/node-1\s+Ready(.|\n)*node-2\s+Ready/u);
  expect(await bed('status')).toMatch(/node-2\s+kubelet\s+\d+\s+\d+ MB/u);
  expect(await bed('logs', 'kube-apiserver')).toContain('Serving securely');
  expect(await bed('exec', '--', 'ip', 'route')).toContain('198.18.129.0/24 via 198.18.0.2');
});

bedIt('starts a program again that was killed', { timeout: 10 * minuteMs }, async () => {
  const schedulerOf = (): Promise<number | undefined> => tryFindProgram('node-1', 'kube-scheduler');
  const before = await eventually('a scheduler', schedulerOf);
  process.kill(before, 'SIGKILL');
  await eventually('another scheduler', async () => {
    const pid = await schedulerOf();
    return pid !== undefined && pid !== before ? pid : undefined;
  });
});

bedIt('leaves nothing after down', { timeout: 10 * minuteMs }, async () => {
  await bed('down');
  expect(await leftovers()).toEqual([]);
  await expect(bed('status')).rejects.toThrow('no bed is up');
});

bedIt(
  'leaves nothing after down when the one who started it was killed on the way',
  { timeout: 10 * minuteMs },
  async () => {
    const starter = spawn(process.execPath, [main, 'up'], { stdio: 'ignore' });
    await eventually('the node has namespaces', () => firstProcess('node-1'));
    starter.kill('SIGKILL');
    await once(starter, 'exit');
    expect(await leftovers()).not.toEqual([]);
    await bed('down');
    expect(await leftovers()).toEqual([]);
  },
);
