import { serviceAccountFolder } from '../../lib/kube/connection.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import type { Container } from './mounts.ts';

const volumeName = 'kube-api-access';

/**
 * What a real server's ServiceAccount admission does with a pod that says `automountServiceAccountToken: true`: its token and
 * namespace as a volume in every container. Pods that say nothing get none here. No `ca.crt` either: this server has no TLS.
 */
export function mountServiceAccountToken(pod: Pod): Pod {
  const { spec } = pod;
  if (spec.automountServiceAccountToken !== true) {
    return pod;
  }
  const volume = {
    name: volumeName,
    projected: {
      // For nobody but the container's own user, which here is the one who runs all of this.
      defaultMode: 0o600,
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  };
  return {
    ...pod,
    spec: { ...spec, containers: spec.containers.map(mountInto), volumes: [...(spec.volumes ?? []), volume] },
  };
}

function mountInto(container: Container): Container {
  const mounts = container.volumeMounts ?? [];
  const mount = { name: volumeName, mountPath: serviceAccountFolder, readOnly: true };
  const isTaken = mounts.some(({ mountPath }) => mountPath === serviceAccountFolder);
  return isTaken ? container : { ...container, volumeMounts: [...mounts, mount] };
}
