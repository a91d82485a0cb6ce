import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Deployment, Pod, ReplicaSet } from '../../../lib/kube/objects.ts';
import { deployments, pods, replicaSets } from '../../../lib/kube/resources.ts';
import { FakeClock } from '../../../lib/testing/fake-clock.ts';
import { aDeployment, aPod, aPodSpec } from '../testing/builders.ts';
import { ClusterHarness } from '../testing/cluster-harness.ts';
import { FakeKubelet } from '../testing/fake-kubelet.ts';

let clock = new FakeClock();
let kubelet = new FakeKubelet();
let cluster: ClusterHarness;

beforeEach(async () => {
  clock = new FakeClock();
  kubelet = new FakeKubelet();
  cluster = await ClusterHarness.start({ clock, node: kubelet });
  await cluster.settle();
});
afterEach(() => cluster.stop());

const hello = { namespace: 'default', name: 'hello' };

async function scale(replicas: number): Promise<void> {
  await cluster.client.setScale(deployments, hello, replicas, { fieldManager: 'test' });
  await cluster.settle();
}

async function patchTemplate(image: string): Promise<void> {
  const patch = { spec: { template: { spec: { containers: [{ name: 'main', image }] } } } };
  await cluster.client.mergePatch(deployments, hello, patch, { fieldManager: 'test' });
  await cluster.settle();
}

async function create(spec: Partial<Deployment['spec']> = {}): Promise<void> {
  await cluster.create(deployments, aDeployment('hello', spec));
  await cluster.settle();
}

function deployment(): Promise<Deployment> {
  return cluster.client.get(deployments, hello);
}

async function setsBySize(): Promise<Record<string, number>> {
  const sets = await cluster.list(replicaSets);
  return Object.fromEntries(sets.map((set) => [imageOf(set), set.spec.replicas ?? 0]));
}

function imageOf(set: ReplicaSet): string {
  return set.spec.template?.spec?.containers[0]?.image ?? '';
}

describe('a Deployment', () => {
  it('makes a ReplicaSet named by its template, and that makes the pods', async () => {
    await create({ replicas: 2 });
    const [set] = await cluster.list(replicaSets);
    expect(set?.metadata.name).toMatch(/^hello-[a-z0-9]{10}$/u);
    const found = await cluster.pods();
    expect(found.map(({ spec }) => spec.nodeName)).toEqual(['node-1', 'node-1']);
    const hash = set?.metadata.labels?.['pod-template-hash'];
    expect(found.map(({ metadata }) => metadata.labels)).toEqual(
      Array(2).fill({ app: 'hello', 'pod-template-hash': hash }),
    );
    const { status } = await deployment();
    expect(status).toMatchObject({ replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 });
    expect(status?.conditions).toMatchObject([
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
      { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
    ]);
  });

  it('goes to zero and back, and is complete all the while', async () => {
    await create({ replicas: 0 });
    expect(await cluster.pods()).toEqual([]);
    await scale(3);
    expect(await cluster.pods()).toHaveLength(3);
    await scale(0);
    expect(await cluster.pods()).toEqual([]);
    const { status } = await deployment();
    expect(status?.conditions?.find(({ type }) => type === 'Progressing')?.reason).toBe('NewReplicaSetAvailable');
  });

  it('I1: writes nothing and has no timer once it is at rest, at zero or not', async () => {
    await create({ replicas: 0 });
    await scale(2);
    await scale(1);
    const { version } = cluster.core.storage;
    await clock.advance(3_600_000);
    expect(cluster.core.storage.version).toBe(version);
    expect(clock.pending).toBe(0);
    await scale(0);
    expect(clock.pending).toBe(0);
  });

  it('moves to a new template a few pods at a time', async () => {
    await create({ replicas: 4 });
    kubelet.isReady = () => false;
    await patchTemplate('next');
    expect(await setsBySize()).toEqual({ app: 3, next: 2 });
    const waiting = (await cluster.pods()).filter(({ status }) => status?.phase === 'Pending');
    kubelet.isReady = () => true;
    await Promise.all(waiting.map((pod) => kubelet.ready(pod)));
    await cluster.settle();
    expect(await setsBySize()).toEqual({ app: 0, next: 4 });
    expect((await deployment()).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2');
  });

  it('keeps the old pods while the new ones do not come up, and says so after the deadline', async () => {
    await create({ replicas: 1, progressDeadlineSeconds: 60 });
    kubelet.isReady = () => false;
    await patchTemplate('broken');
    expect(await setsBySize()).toEqual({ app: 1, broken: 1 });
    await clock.advance(62_000);
    await cluster.settle();
    const { status } = await deployment();
    expect(status?.conditions).toMatchObject([
      { type: 'Available', status: 'True' },
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('of Recreate starts nothing new before the last old pod is gone', async () => {
    await create({ replicas: 2, strategy: { type: 'Recreate' } });
    kubelet.letsGo = () => false;
    await patchTemplate('next');
    const going = await cluster.pods();
    expect(going.every(({ metadata }) => metadata.deletionTimestamp !== undefined)).toBe(true);
    expect(going).toHaveLength(2);
    await Promise.all(going.map((pod) => kubelet.finish(pod)));
    await cluster.settle();
    expect(await setsBySize()).toEqual({ app: 0, next: 2 });
  });

  it('goes back to a template it had before with the ReplicaSet of then', async () => {
    await create({ replicas: 1 });
    await patchTemplate('next');
    await patchTemplate('app');
    expect(await setsBySize()).toEqual({ app: 1, next: 0 });
    expect((await deployment()).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
  });

  it('keeps as many empty ReplicaSets as its history limit says', async () => {
    await create({ replicas: 1, revisionHistoryLimit: 1 });
    await patchTemplate('two');
    await patchTemplate('three');
    await patchTemplate('four');
    expect(await setsBySize()).toEqual({ three: 0, four: 1 });
  });

  it('that is paused is scaled but not rolled', async () => {
    await create({ replicas: 1, paused: false });
    await cluster.client.mergePatch(deployments, hello, { spec: { paused: true } }, { fieldManager: 'test' });
    await patchTemplate('next');
    expect(await setsBySize()).toEqual({ app: 1 });
  });
});

describe('a ReplicaSet', () => {
  it('replaces a pod that was deleted', async () => {
    await create({ replicas: 1 });
    const [first] = await cluster.pods();
    await cluster.client.delete(pods, { namespace: 'default', name: first?.metadata.name ?? '' });
    await cluster.settle();
    const [second] = await cluster.pods();
    expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
  });

  it('adopts a running pod that is given its labels, and gives up its own newborn for it', async () => {
    await create({ replicas: 0 });
    const [set] = await cluster.list(replicaSets);
    await cluster.create(pods, aPod('warm'));
    await cluster.settle();
    kubelet.isReady = () => false;
    await scale(1);
    const labels = set?.spec.selector.matchLabels;
    await cluster.client.mergePatch(
      pods,
      { namespace: 'default', name: 'warm' },
      { metadata: { labels } },
      { fieldManager: 'test' },
    );
    await cluster.settle();
    const found = await cluster.pods();
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['warm']);
    expect(found[0]?.metadata.ownerReferences).toMatchObject([{ uid: set?.metadata.uid, controller: true }]);
  });

  it('lets a pod go whose labels no longer match, and makes another in its place', async () => {
    await create({ replicas: 1 });
    const [pod] = await cluster.pods();
    const name = pod?.metadata.name ?? '';
    await cluster.client.mergePatch(
      pods,
      { namespace: 'default', name },
      { metadata: { labels: { app: 'debug' } } },
      { fieldManager: 'test' },
    );
    await cluster.settle();
    const found = await cluster.pods();
    expect(found).toHaveLength(2);
    const released: Pod | undefined = found.find(({ metadata }) => metadata.name === name);
    expect(released?.metadata.ownerReferences ?? []).toEqual([]);
  });

  it('counts a pod as available only after it was Ready for minReadySeconds', async () => {
    kubelet.isReady = () => false;
    await create({ replicas: 1, minReadySeconds: 10 });
    const [pod] = await cluster.pods();
    await kubelet.ready(pod ?? aPod('none'));
    await cluster.settle();
    const { status } = await deployment();
    expect([status?.readyReplicas, status?.availableReplicas ?? 0]).toEqual([1, 0]);
    await clock.advance(10_000);
    await cluster.settle();
    expect((await deployment()).status).toMatchObject({ availableReplicas: 1 });
  });

  it('says why it cannot create pods, and tries again', async () => {
    const refused = cluster.client.create.bind(cluster.client);
    let refusals = 2;
    cluster.client.create = (resource, object, options) => {
      if (object.kind === 'Pod' && refusals > 0) {
        refusals -= 1;
        return Promise.reject(new Error('exceeded quota'));
      }
      return refused(resource, object, options);
    };
    await create({ replicas: 1 });
    const failure = (await deployment()).status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
    expect(failure).toMatchObject({ status: 'True', reason: 'FailedCreate', message: 'exceeded quota' });
    await clock.advance(1000);
    await cluster.settle();
    expect(await cluster.pods()).toHaveLength(1);
    expect((await deployment()).status?.conditions?.map(({ type }) => type)).toEqual(['Available', 'Progressing']);
  });
});

describe('the scheduler', () => {
  const greedy = { resources: { requests: { cpu: '60' } } };

  it('leaves a pod pending that does not fit, says what is missing, and binds it when room comes free', async () => {
    await cluster.create(pods, aPod('big', aPodSpec(greedy)));
    await cluster.settle();
    await cluster.create(pods, aPod('second', aPodSpec(greedy)));
    await cluster.settle();
    const second = await cluster.client.get(pods, { namespace: 'default', name: 'second' });
    expect(second.spec.nodeName).toBeUndefined();
    expect(second.status?.conditions).toMatchObject([
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 Insufficient cpu.',
      },
    ]);
    await cluster.client.delete(pods, { namespace: 'default', name: 'big' });
    await cluster.settle();
    expect((await cluster.client.get(pods, { namespace: 'default', name: 'second' })).spec.nodeName).toBe('node-1');
  });

  it('never gives the same room twice to pods that come together', async () => {
    await Promise.all(['a', 'b', 'c'].map((name) => cluster.create(pods, aPod(name, aPodSpec(greedy)))));
    await cluster.settle();
    const bound = (await cluster.pods()).filter(({ spec }) => spec.nodeName !== undefined);
    expect(bound).toHaveLength(1);
  });
});
