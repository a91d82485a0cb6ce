import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { MountError, type VolumeFile, type VolumePlan } from './volumes.ts';

/** Content nobody uses any more is kept for the next start of the same pod: this many volumes. */
const keepUnused = 64;

export interface VolumeStoreOptions {
  /** Shared content: `<folder>/<hash>/`. */
  readonly folder: string;
  /** Tells apart the unfinished folders of writers at work. */
  readonly nextName: () => string;
}

interface Content {
  users: number;
  readonly written: Promise<string>;
}

/**
 * Volumes on disk. What only ConfigMaps fill is stored once by content and shared by all pods: a second cold start writes
 * nothing, and Node's compile cache, which goes by path, knows the code already.
 */
export class VolumeStore {
  readonly #options: VolumeStoreOptions;
  /** By hash, least recently used first. */
  readonly #contents = new Map<string, Content>();

  constructor(options: VolumeStoreOptions) {
    this.#options = options;
  }

  /** @returns the folder of each volume by name. @throws MountError for a file outside of its volume */
  async create(plans: readonly VolumePlan[], podFolder: string): Promise<ReadonlyMap<string, string>> {
    const made = plans.map(async (plan): Promise<[string, string]> => {
      if (plan.isShared) {
        return [plan.name, await this.#share(plan)];
      }
      const folder = join(podFolder, 'volumes', plan.name);
      await writeFiles(folder, plan);
      return [plan.name, folder];
    });
    return new Map(await Promise.all(made));
  }

  /** The pod with these volumes is gone. */
  async release(plans: readonly VolumePlan[]): Promise<void> {
    for (const plan of plans.filter(({ isShared }) => isShared)) {
      const content = this.#contents.get(hashOf(plan.files));
      if (content !== undefined) {
        content.users -= 1;
      }
    }
    const unused = [...this.#contents].filter(([, { users }]) => users === 0);
    const surplus = unused.slice(0, Math.max(0, unused.length - keepUnused));
    surplus.forEach(([hash]) => this.#contents.delete(hash));
    await Promise.all(surplus.map(([hash]) => rm(join(this.#options.folder, hash), { recursive: true, force: true })));
  }

  #share(plan: VolumePlan): Promise<string> {
    const hash = hashOf(plan.files);
    const content = this.#contents.get(hash) ?? { users: 0, written: this.#write(plan, hash) };
    content.users += 1;
    this.#contents.delete(hash);
    this.#contents.set(hash, content);
    content.written.catch(() => this.#contents.delete(hash));
    return content.written;
  }

  /** In one step: a folder that is there is whole. */
  async #write(plan: VolumePlan, hash: string): Promise<string> {
    const folder = join(this.#options.folder, hash);
    const unfinished = join(this.#options.folder, `.${hash}-${this.#options.nextName()}`);
    await writeFiles(unfinished, plan);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
    return folder;
  }
}

async function writeFiles(folder: string, { name, files, isShared }: VolumePlan): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { path, content, mode } of files) {
    if (normalize(path).startsWith('..') || normalize(path).startsWith('/')) {
      throw new MountError(`MountVolume.SetUp failed for volume "${name}" : path ${path} must not leave the volume`);
    }
    const file = join(folder, path);
    if (path.includes('/')) {
      await mkdir(dirname(file), { recursive: true });
    }
    // Shared by pods: none of them may write, whatever the mode says.
    await writeFile(file, content, { mode: isShared ? mode & 0o555 : mode });
  }
}

function hashOf(files: readonly VolumeFile[]): string {
  const hash = createHash('sha256');
  for (const { path, content, mode } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    hash.update(`${path.length}:${path}:${mode}:${content.length}:`).update(content);
  }
  return hash.digest('hex').slice(0, 32);
}
