import { expect, it } from 'vitest';
import { serviceAccountFolder } from '../../lib/kube/connection.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { mountServiceAccountToken } from './service-account-token.ts';

function makePod(spec: Partial<Pod['spec']>): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'main' }], ...spec } };
}

it('a pod that does not ask for a token is left as it is', () => {
  for (const pod of [makePod({}), makePod({ automountServiceAccountToken: false })]) {
    expect(mountServiceAccountToken(pod)).toBe(pod);
  }
});

it('a pod that asks for a token finds it where clients look', () => {
  const { spec } = mountServiceAccountToken(makePod({ automountServiceAccountToken: true }));
  expect(spec.volumes?.map(({ name }) => name)).toEqual(['kube-api-access']);
  expect(spec.containers[0]?.volumeMounts).toEqual([
    { name: 'kube-api-access', mountPath: serviceAccountFolder, readOnly: true },
  ]);
});

it('a container that mounts something of its own there keeps it', () => {
  const own = { name: 'mine', mountPath: serviceAccountFolder };
  const pod = makePod({ automountServiceAccountToken: true, containers: [{ name: 'main', volumeMounts: [own] }] });
  expect(mountServiceAccountToken(pod).spec.containers[0]?.volumeMounts).toEqual([own]);
});
