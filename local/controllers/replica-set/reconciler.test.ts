import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { Pod, ReplicaSet } from '../../../lib/kube/objects.ts';
import { StatusError } from '../../../lib/kube/status-error.ts';
import { keyOf, ObjectStore } from '../../../lib/kube/store.ts';
import { FakeClock } from '../../../lib/testing/fake-clock.ts';
import { seededRandom } from '../../../lib/testing/seeded-random.ts';
import { controllerIndex } from '../caches.ts';
import { byController } from '../claims.ts';
import { aPodSpec } from '../testing/builders.ts';
import { FakeEventSink } from '../testing/cluster-harness.ts';
import { ReplicaSetReconciler } from './reconciler.ts';

const key = { namespace: 'default', name: 'set' };

function aSet(replicas: number): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { ...key, uid: 'set-1', generation: 1 },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'hello' } },
      template: { metadata: { labels: { app: 'hello' } }, spec: aPodSpec() },
    },
  };
}

/** A reconciler whose caches show only what a test puts into them. */
class Behind {
  readonly clock = new FakeClock();
  readonly sets = new ObjectStore<ReplicaSet>();
  readonly pods = new ObjectStore<Pod>({ [controllerIndex]: byController });
  readonly created: Pod[] = [];
  readonly deleted: string[] = [];
  refuse: Error | undefined;
  readonly #client: Partial<KubeClient> = {
    create: (_resource, object) => {
      if (this.refuse !== undefined) {
        return Promise.reject(this.refuse);
      }
      this.created.push(object as unknown as Pod);
      return Promise.resolve(object);
    },
    delete: (_resource, { name }) => {
      this.deleted.push(name);
      return Promise.resolve();
    },
    mergePatch: (resource) => Promise.resolve({ kind: resource.kind } as never),
  };
  readonly reconciler = new ReplicaSetReconciler({
    client: this.#client as KubeClient,
    clock: this.clock,
    random: seededRandom(1),
    events: new FakeEventSink(),
    replicaSets: this.sets,
    pods: this.pods,
  });

  scale(replicas: number): void {
    this.sets.set('default/set', aSet(replicas));
  }

  /** The cache catches up with one pod. */
  show(pod: Pod): void {
    this.pods.set(keyOf(pod), pod);
    this.reconciler.observe(pod, false);
  }
}

let world = new Behind();
beforeEach(() => {
  world = new Behind();
});

describe('a ReplicaSet whose cache is behind', () => {
  it('does not create its pods again before it has seen them', async () => {
    world.scale(2);
    await world.reconciler.reconcile(key);
    const result = await world.reconciler.reconcile(key);
    expect(world.created).toHaveLength(2);
    expect(result.kind).toBe('after');
  });

  it('goes on as soon as the cache shows what it made', async () => {
    world.scale(2);
    await world.reconciler.reconcile(key);
    world.created.forEach((pod) => {
      world.show(pod);
    });
    world.scale(3);
    await world.reconciler.reconcile(key);
    expect(world.created).toHaveLength(3);
  });

  it('does not pick other victims while the first ones are not shown as going', async () => {
    world.scale(3);
    await world.reconciler.reconcile(key);
    world.created.forEach((pod) => {
      world.show(pod);
    });
    world.scale(2);
    await world.reconciler.reconcile(key);
    await world.reconciler.reconcile(key);
    expect(world.deleted).toHaveLength(1);
  });

  it('tries again after half a minute when the event never came', async () => {
    world.scale(1);
    await world.reconciler.reconcile(key);
    await world.clock.advance(30_000);
    await world.reconciler.reconcile(key);
    expect(world.created).toHaveLength(2);
  });

  it('does not wait for pods that it could not create', async () => {
    world.scale(1);
    world.refuse = new StatusError({ code: 403, reason: 'Forbidden', message: 'exceeded quota' });
    await expect(world.reconciler.reconcile(key)).rejects.toThrow('exceeded quota');
    world.refuse = undefined;
    await world.reconciler.reconcile(key);
    expect(world.created).toHaveLength(1);
  });
});
