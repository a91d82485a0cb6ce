import { expect, it } from 'vitest';
import type { ConfigMap, Deployment, KubeObject, Service } from '../lib/kube/objects.ts';
import { tellStories } from './framework/story.ts';

/** kubectl sends these as protobuf, unlike everything that it reads from a file. */

const story = tellStories();

it('create makes what its flags say, and the server fills in the rest', async () => {
  const { kubectl } = story;
  await kubectl.run('create', 'configmap', 'conf', '--from-literal=a=1', '--from-literal=empty=');
  expect((await kubectl.json<ConfigMap>('get', 'configmap/conf')).data).toEqual({ a: '1', empty: '' });

  await kubectl.run('create', 'deployment', 'web', '--image=example.com/none:1', '--replicas=0', '--port=80');
  expect((await kubectl.json<Deployment>('get', 'deployment/web')).spec).toMatchObject({
    replicas: 0,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } },
    template: { spec: { containers: [{ name: 'none', ports: [{ containerPort: 80, protocol: 'TCP' }] }] } },
  });

  await kubectl.run('create', 'service', 'clusterip', 'web', '--tcp=80:8080', '--clusterip=None');
  expect((await kubectl.json<Service>('get', 'service/web')).spec.ports).toMatchObject([
    { port: 80, targetPort: 8080 },
  ]);
});

it('create secret, role, rolebinding, quota and poddisruptionbudget', async () => {
  const { kubectl } = story;
  await kubectl.run('create', 'secret', 'generic', 'key', '--from-literal=password=hunter2');
  expect(await kubectl.run('get', 'secret/key', '--output=jsonpath={.type} {.data.password}')).toBe(
    `Opaque ${Buffer.from('hunter2').toString('base64')}`,
  );
  await kubectl.run('create', 'role', 'reader', '--verb=get,list', '--resource=pods');
  await kubectl.run('create', 'rolebinding', 'reading', '--role=reader', `--serviceaccount=${story.namespace}:default`);
  const binding = await kubectl.json<KubeObject>('get', 'rolebinding/reading');
  expect(binding).toMatchObject({ roleRef: { name: 'reader' }, subjects: [{ name: 'default' }] });
  await kubectl.run('create', 'poddisruptionbudget', 'most', '--selector=app=web', '--min-available=50%');
  expect(await kubectl.run('get', 'pdb/most', '--output=jsonpath={.spec.minAvailable}')).toBe('50%');
  await kubectl.run('create', 'quota', 'few', '--hard=services=5');
  expect(await kubectl.run('get', 'quota/few', '--output=jsonpath={.spec.hard.services}')).toBe('5');
});

it('create tells of what is there already, and of a namespace that is not', async () => {
  const { kubectl } = story;
  await expect(kubectl.run('create', 'namespace', story.namespace)).rejects.toThrow(/already exists/u);
  await expect(kubectl.run('create', 'configmap', 'x', '--namespace=no-such-one')).rejects.toThrow(
    /namespaces "no-such-one" not found/u,
  );
});

it('auth can-i and whoami answer', async () => {
  expect(await story.kubectl.run('auth', 'can-i', 'create', 'pods')).toContain('yes');
  expect(await story.kubectl.run('auth', 'whoami', '--output=jsonpath={.status.userInfo.username}')).not.toBe('');
});
