import { join, sep } from 'node:path';
import type { Pod } from '../../lib/kube/objects.ts';

export type Container = Pod['spec']['containers'][number];
export type Resources = NonNullable<Container['resources']>;

/** A path inside the container, and what stands for it on this machine. */
export interface Mount {
  readonly path: string;
  readonly target: string;
}

export interface MountFolders {
  /** Volume name → folder. */
  readonly volumes: ReadonlyMap<string, string>;
  /** The file that stands for the container's termination log. */
  readonly terminationLog: string;
}

const defaultTerminationLog = '/dev/termination-log';

/** Where the paths of a container are on disk, longest first, so that the most specific one is found. */
export function makeMounts(container: Container, folders: MountFolders): readonly Mount[] {
  const volumes = (container.volumeMounts ?? []).flatMap(({ name, mountPath, subPath }) => {
    const folder = folders.volumes.get(name);
    return folder === undefined ? [] : [{ path: trimSlash(mountPath), target: join(folder, subPath ?? '') }];
  });
  const log = { path: container.terminationMessagePath ?? defaultTerminationLog, target: folders.terminationLog };
  return [...volumes, log].sort((a, b) => b.path.length - a.path.length);
}

/**
 * There is no mount namespace: a value that is a path in the container, as a whole, becomes the path on disk. Others pass
 * through, also those that only contain one.
 */
export function rewritePath(value: string, mounts: readonly Mount[]): string {
  const mount = mounts.find(({ path }) => covers(path, value));
  return mount === undefined ? value : trimSlash(join(mount.target, value.slice(mount.path.length)));
}

/** Whether `value` is the mounted path, or one below it. */
export function covers(mountPath: string, value: string): boolean {
  const path = trimSlash(mountPath);
  return value === path || value.startsWith(`${path}/`);
}

function trimSlash(path: string): string {
  return path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path;
}
