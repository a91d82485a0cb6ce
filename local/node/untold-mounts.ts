import { existsSync } from 'node:fs';
import type { Pod } from '../../lib/kube/objects.ts';
import { type Container, covers } from './mounts.ts';

type VolumeMount = NonNullable<Container['volumeMounts']>[number];

/** Of the event that tells of one. */
export const untoldMountReason = 'MountNotVisible';

/**
 * The mounts that nothing given to the process names, and which it cannot find therefore: there is no mount namespace, see
 * `rewritePath`. A scratch folder that the machine has as well, /tmp for example, is no loss.
 * @param values variables and arguments, before they are rewritten
 */
export function findUntoldMounts(pod: Pod, container: Container, values: readonly string[]): VolumeMount[] {
  const scratch = new Set(pod.spec.volumes?.flatMap(({ name, emptyDir }) => (emptyDir === undefined ? [] : [name])));
  return (container.volumeMounts ?? []).filter(
    ({ name, mountPath }) =>
      !values.some((value) => covers(mountPath, value)) && !(scratch.has(name) && existsSync(mountPath)),
  );
}

export function explainUntoldMount({ name, mountPath }: VolumeMount): string {
  return (
    `the volume "${name}" is not at ${mountPath}: the embedded cluster runs processes of this machine, without containers. ` +
    `Put ${mountPath} into a variable of env, which then holds the real path, and read that; or use npm run bed`
  );
}
