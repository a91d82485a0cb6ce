import { homedir } from 'node:os';
import { join } from 'node:path';

/** `FLINT_CACHE`, or `flint` in the user's cache folder: outside of any checkout, so that clean clones share it. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const own = env['FLINT_CACHE'];
  if (own !== undefined && own !== '') {
    return own;
  }
  const user = env['XDG_CACHE_HOME'];
  return join(user === undefined || user === '' ? join(homedir(), '.cache') : user, 'flint');
}

/** Everything of the one bed that is up; gone after `down`. */
export interface BedFolders {
  readonly root: string;
  readonly certificates: string;
  readonly logs: string;
  readonly kubeconfig: string;
}

export function bedFolders(cache: string): BedFolders {
  const root = join(cache, 'bed');
  const certificates = join(root, 'pki');
  return { root, certificates, logs: join(root, 'log'), kubeconfig: join(root, 'kubeconfig') };
}

export interface NodeFolders {
  readonly root: string;
  readonly containerd: string;
  readonly containerdSocket: string;
  readonly cni: string;
  readonly kubelet: string;
  readonly run: string;
  readonly script: string;
  /** Exists once the node's own programs run. */
  readonly started: string;
}

export function nodeFolders(bed: BedFolders, name: string): NodeFolders {
  const root = join(bed.root, name);
  return {
    root,
    containerd: join(root, 'containerd'),
    containerdSocket: join(root, 'containerd', 'sock'),
    cni: join(root, 'cni'),
    kubelet: join(root, 'kubelet'),
    run: join(root, 'run'),
    script: join(root, 'start.sh'),
    started: join(root, 'started'),
  };
}
