import { expect, it } from 'vitest';
import { isTrue } from '../../lib/api/conditions.ts';
import type { Runtime } from '../../lib/api/runtime.ts';
import { runtimes } from '../../lib/api/resources.ts';
import { listAll } from '../../lib/kube/list-all.ts';
import type { ConfigMap, Deployment, Pod } from '../../lib/kube/objects.ts';
import { configMaps, deployments, pods, replicaSets } from '../../lib/kube/resources.ts';
import { eventually } from '../framework/patience.ts';
import { askTarget, fieldManager } from './world.ts';

/** What Flint relies on of Deployments and ReplicaSets when it scales down and, later, hands over warm Pods. */

const ask = askTarget();
let runtime: Runtime;

ask.prepare(async () => {
  runtime = await ask.client.get(runtimes, { name: 'nodejs' });
  const code: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'code', namespace: ask.namespace },
    data: { 'index.mjs': 'export default () => new Response("ok");\n' },
  };
  await ask.client.create(configMaps, code, { fieldManager });
  const slow = { ...code, metadata: { ...code.metadata, name: 'late' }, data: { 'index.mjs': late } };
  await ask.client.create(configMaps, slow, { fieldManager });
});

type Resources = NonNullable<Pod['spec']['containers'][number]['resources']>;

/** Runs at once and answers only after six seconds. */
const late =
  'const since = Date.now(); export default () => new Response("", { status: Date.now() - since < 6000 ? 503 : 200 });\n';

function podSpec(resources: Resources = {}): Pod['spec'] {
  return {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'main',
        image: runtime.spec.image,
        resources,
        env: [
          { name: 'PORT', value: '8080' },
          { name: 'FLINT_CODE_PATH', value: '/code' },
        ],
        ports: [{ name: 'http', containerPort: 8080 }],
        readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
        volumeMounts: [{ name: 'code', mountPath: '/code' }],
      },
    ],
    volumes: [{ name: 'code', configMap: { name: 'code' } }],
  };
}

async function createDeployment(replicas: number, spec: Partial<Deployment['spec']> = {}): Promise<void> {
  const labels = { app: ask.name };
  const deployment: Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...ask.at },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec() },
      ...spec,
    },
  };
  await ask.client.create(deployments, deployment, { fieldManager });
}

function untilProgress(reason: string): Promise<Deployment> {
  return eventually(
    `Progressing says ${reason}`,
    async () => {
      const found = await ask.client.get(deployments, ask.at);
      const progress = found.status?.conditions?.find(({ type }) => type === 'Progressing');
      return progress?.reason === reason ? found : undefined;
    },
    { withinMs: 60_000, everyMs: 100 },
  );
}

async function podsOf(app = ask.name): Promise<Pod[]> {
  const found = await listAll(ask.client, pods, { namespace: ask.namespace, labelSelector: `app=${app}` });
  return found.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

function isReady({ status }: Pod): boolean {
  return isTrue(status?.conditions, 'Ready');
}

function untilReady(count: number): Promise<Pod[]> {
  return eventually(
    `${count} Pods are ready`,
    async () => {
      const found = await podsOf();
      return found.length === count && found.every(isReady) ? found : undefined;
    },
    { withinMs: 60_000 },
  );
}

const nameOf = ({ metadata }: Pod): string => metadata.name;

it('of Pods that are all ready the one with the lowest deletion cost goes first', async () => {
  await createDeployment(3);
  const [first, second, third] = await untilReady(3);
  const victim = second ?? first;
  await ask.client.mergePatch(
    pods,
    { namespace: ask.namespace, name: victim?.metadata.name ?? '' },
    { metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '-10' } } },
    { fieldManager },
  );
  await ask.client.setScale(deployments, ask.at, 2, { fieldManager });
  const left = await eventually('two are left', async () => {
    const found = await podsOf();
    return found.length === 2 ? found : undefined;
  });
  expect(left.map(nameOf).toSorted()).toEqual(
    [first, third].flatMap((pod) => (pod === undefined ? [] : nameOf(pod))).toSorted(),
  );
});

it('a Pod that loses the labels is replaced, and left alone', async () => {
  await createDeployment(1);
  const [pod] = await untilReady(1);
  const at = { namespace: ask.namespace, name: pod?.metadata.name ?? '' };
  await ask.client.mergePatch(pods, at, { metadata: { labels: { app: `${ask.name}-released` } } }, { fieldManager });
  const [replacement] = await eventually('another Pod', async () => {
    const found = await podsOf();
    return found.length === 1 ? found : undefined;
  });
  expect(replacement?.metadata.uid).not.toBe(pod?.metadata.uid);
  const released = await eventually('the old one has no owner', async () => {
    const found = await ask.client.get(pods, at);
    return (found.metadata.ownerReferences ?? []).length === 0 ? found : undefined;
  });
  expect(released.metadata.deletionTimestamp).toBeUndefined();
});

it('scaled up first, a running Pod that gets the labels is adopted, and the newborn one goes', async () => {
  await createDeployment(0);
  const template = { 'pod-template-hash': '' };
  const hash = await eventually('the ReplicaSet says its hash', async () => {
    const [found] = await listAll(ask.client, replicaSets, {
      namespace: ask.namespace,
      labelSelector: `app=${ask.name}`,
    });
    return found?.metadata.labels?.['pod-template-hash'];
  });
  template['pod-template-hash'] = hash;
  const warm: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${ask.name}-warm`, namespace: ask.namespace, labels: { app: `${ask.name}-pool` } },
    spec: podSpec(),
  };
  await ask.client.create(pods, warm, { fieldManager });
  const at = { namespace: ask.namespace, name: warm.metadata.name };
  await eventually('the warm Pod is ready', async () => (isReady(await ask.client.get(pods, at)) ? true : undefined), {
    withinMs: 60_000,
  });
  await ask.client.setScale(deployments, ask.at, 1, { fieldManager });
  // The scale write alone is not enough: a ReplicaSet that has not heard of it adopts the Pod and deletes it.
  await eventually('the ReplicaSet has a newborn', async () => ((await podsOf()).length === 1 ? true : undefined), {
    everyMs: 10,
  });
  await ask.client.mergePatch(pods, at, { metadata: { labels: { app: ask.name, ...template } } }, { fieldManager });
  const [only] = await eventually('the warm Pod is the only one, and adopted', async () => {
    const found = await podsOf();
    return found.length === 1 && found[0]?.metadata.ownerReferences !== undefined ? found : undefined;
  });
  expect(only?.metadata).toMatchObject({
    name: warm.metadata.name,
    ownerReferences: [{ kind: 'ReplicaSet', controller: true }],
  });
});

/** Pods that are not ready within the deadline of their Deployment. */
function unready(until: 'late' | 'never'): Partial<Deployment['spec']> {
  const { containers, ...rest } = podSpec();
  const readinessProbe = { httpGet: { path: '/', port: until === 'late' ? 'http' : 9 }, periodSeconds: 1 };
  const spec = {
    ...rest,
    containers: containers.map((container) => ({ ...container, readinessProbe })),
    volumes: [{ name: 'code', configMap: { name: 'late' } }],
  };
  return { template: { metadata: { labels: { app: ask.name } }, spec }, progressDeadlineSeconds: 2 };
}

it('a Pod that does not become ready in time exceeds the deadline, until it is ready after all', async () => {
  await createDeployment(1, unready('late'));
  const { status } = await untilProgress('ProgressDeadlineExceeded');
  expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Progressing', status: 'False' }));
  await untilProgress('NewReplicaSetAvailable');
});

it('a deadline that was exceeded is forgotten when no Pod is wanted any more', async () => {
  await createDeployment(1, unready('never'));
  await untilProgress('ProgressDeadlineExceeded');
  await ask.client.setScale(deployments, ask.at, 0, { fieldManager });
  await untilProgress('NewReplicaSetAvailable');
});

it('a Pod that runs is given other resources without a restart, and says so', { timeout: 300_000 }, async () => {
  const small = { requests: { cpu: '10m', memory: '64Mi' }, limits: { cpu: '400m', memory: '128Mi' } };
  const large = { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } };
  await ask.client.create(
    pods,
    { apiVersion: 'v1', kind: 'Pod', metadata: { ...ask.at }, spec: podSpec(small) },
    { fieldManager },
  );
  /** Of requests a kubelet tells what it reads back from a cgroup, which is not what was asked for to the digit. */
  const untilItHas = (cpu: string): Promise<unknown> =>
    eventually(
      `it has ${cpu}`,
      async () => {
        const [status] = (await ask.client.get(pods, ask.at)).status?.containerStatuses ?? [];
        expect(status).toMatchObject({ ready: true, restartCount: 0, resources: { limits: { cpu } } });
        return status;
      },
      { withinMs: 100_000 },
    );
  await untilItHas('400m');
  const patch = { spec: { containers: [{ name: 'main', resources: large }] } };
  await ask.kubectl.run('patch', `pod/${ask.name}`, '--subresource=resize', `--patch=${JSON.stringify(patch)}`);
  await untilItHas('500m');
});
