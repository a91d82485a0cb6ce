import { describe, expect, it } from 'vitest';
import type { FunctionObject, FunctionSpec, FunctionStatus } from '../../lib/api/function.ts';
import type { Revision, RevisionSpec } from '../../lib/api/revision.ts';
import { keyOf } from '../../lib/kube/store.ts';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { RouteTable } from './route-table.ts';
import type { FunctionRoute } from './route.ts';

function aFunction(name: string, status: FunctionStatus = {}, spec: Partial<FunctionSpec> = {}): FunctionObject {
  return {
    apiVersion: 'flint.dev/v1alpha1',
    kind: 'Function',
    metadata: { name, namespace: 'shop', generation: 1 },
    spec: { runtime: 'nodejs', source: { inline: '' }, ...spec },
    status,
  };
}

function aRevision(name: string, functionName: string, spec: Partial<RevisionSpec> = {}): Revision {
  return {
    apiVersion: 'flint.dev/v1alpha1',
    kind: 'Revision',
    metadata: { name, namespace: 'shop' },
    spec: { functionName, image: 'image', port: 8080, protocol: 'Http1', ...spec },
  };
}

function notReady(reason: string, observedGeneration?: number): FunctionStatus {
  const generation = observedGeneration === undefined ? {} : { observedGeneration };
  const condition = { type: 'Ready', status: 'False' as const, reason, message: 'why', lastTransitionTime: '' };
  return { conditions: [{ ...condition, ...generation }] };
}

/** A table before what the watches have brought. */
class World {
  readonly objects = new Map<string, FunctionObject>();
  readonly revisions = new Map<string, Revision>();
  readonly changes: FunctionRoute[] = [];
  readonly removed: string[] = [];
  readonly clock = new FakeClock();
  readonly table = new RouteTable({
    clock: this.clock,
    clusterDomain: 'cluster.local',
    domains: ['localhost'],
    functionOf: (key) => this.objects.get(key),
    revisionOf: (key) => this.revisions.get(key),
    onChange: (route) => this.changes.push(route),
    onRemove: ({ key }) => this.removed.push(key),
  });

  put(fn: FunctionObject): this {
    this.objects.set(keyOf(fn), fn);
    this.table.refresh(keyOf(fn));
    return this;
  }

  putRevision(revision: Revision): this {
    this.revisions.set(keyOf(revision), revision);
    this.table.refresh(`shop/${revision.spec.functionName}`);
    return this;
  }

  delete(name: string): this {
    this.objects.delete(`shop/${name}`);
    this.table.refresh(`shop/${name}`);
    return this;
  }
}

const traffic = { traffic: [{ revisionName: 'hello-1', percent: 100 }], latestCreatedRevision: 'hello-1' };

describe('a function', () => {
  it('is found by each of its hosts from its first moment, before anything can serve it', () => {
    const { table } = new World().put(aFunction('hello'));
    for (const host of ['hello.shop', 'Hello.Shop:80', 'hello.shop.svc', 'hello.shop.localhost']) {
      expect(table.find(host)).toMatchObject({ key: 'shop/hello', targets: [], failure: undefined });
    }
    expect(table.find('hello.other')).toBeUndefined();
    expect(table.find('hello.shop.example.com')).toBeUndefined();
  });

  it('is served by the Revisions that its status names, with their own limits', () => {
    const world = new World()
      .putRevision(aRevision('hello-1', 'hello', { concurrency: { limit: 3 } }))
      .putRevision(aRevision('hello-2', 'hello', { protocol: 'H2c' }))
      .put(
        aFunction('hello', {
          traffic: [
            { revisionName: 'hello-1', percent: 90 },
            { revisionName: 'hello-2', percent: 10 },
            { revisionName: 'hello-0', percent: 0 },
          ],
          latestCreatedRevision: 'hello-2',
        }),
      );
    expect(world.table.find('hello.shop')).toMatchObject({
      targets: [
        { revisionName: 'hello-1', percent: 90, concurrencyLimit: 3, protocol: 'Http1' },
        { revisionName: 'hello-2', percent: 10, concurrencyLimit: 0, protocol: 'H2c' },
      ],
      latestCreatedRevision: 'hello-2',
    });
  });

  it('I5: is not served by a Revision whose limit is not known yet, and is as soon as it is', () => {
    const world = new World().put(aFunction('hello', { ...notReady('CodeDidNotLoad'), ...traffic }));
    expect(world.changes).toMatchObject([{ targets: [], failure: undefined }]);
    world.putRevision(aRevision('hello-1', 'hello', { concurrency: { limit: 1 } }));
    expect(world.changes).toMatchObject([{}, { targets: [{ concurrencyLimit: 1 }] }]);
  });

  it('tells of a change only when there is one', () => {
    const world = new World().putRevision(aRevision('hello-1', 'hello')).put(aFunction('hello', traffic));
    expect(world.changes).toHaveLength(1);
    world.put(aFunction('hello', { ...traffic, replicas: 3, observedGeneration: 1 }));
    world.putRevision(aRevision('hello-1', 'hello'));
    expect(world.changes).toHaveLength(1);
    world.put(aFunction('hello', traffic, { scaling: { maxReplicas: 7 } }));
    expect(world.changes[1]).toMatchObject({ settings: { scaling: { maxReplicas: 7 } } });
  });

  it('is gone when it is deleted, once', () => {
    const world = new World().put(aFunction('hello'));
    world.delete('hello').delete('hello');
    expect(world.removed).toEqual(['shop/hello']);
    expect(world.table.find('hello.shop')).toBeUndefined();
    expect(world.table.size).toBe(0);
  });

  const failures = [
    { name: 'is known', status: notReady('CodeDidNotLoad', 1), want: { reason: 'CodeDidNotLoad', message: 'why' } },
    { name: 'does not say its generation', status: notReady('QuotaExceeded'), want: { reason: 'QuotaExceeded' } },
    { name: 'is of an older generation', status: notReady('CodeDidNotLoad', 0), want: undefined },
    { name: 'is only a delay', status: notReady('Deploying', 1), want: undefined },
    { name: 'is hidden by traffic', status: { ...notReady('CodeDidNotLoad', 1), ...traffic }, want: undefined },
    { name: 'is none', status: {}, want: undefined },
  ];
  for (const { name, status, want } of failures) {
    it(`fails requests for a reason that ${name}: ${want?.reason ?? 'no'}`, () => {
      const world = new World().put(aFunction('hello', status));
      const { failure } = world.table.find('hello.shop') ?? {};
      if (want === undefined) {
        expect(failure).toBeUndefined();
      } else {
        expect(failure).toMatchObject(want);
      }
    });
  }
});

describe('a host that no function has', () => {
  const cases = [
    { host: 'hello', want: "no function has the host 'hello'; say hello.shop or hello.shop.localhost" },
    { host: 'Helo.Shop:80', want: "no function has the host 'helo.shop'; say hello.shop" },
    { host: 'hello.shop.example.com', want: "'hello.shop' is reached as hello.shop, hello.shop.localhost" },
    {
      host: 'helo.shop.localhost:8080',
      want: "no function has the host 'helo.shop.localhost'; say hello.shop.localhost",
    },
    { host: 'nothing.like.it', want: 'a function is reached as <name>.<namespace> or <name>.<namespace>.localhost' },
    {
      host: 'localhost:8080',
      want: "no function has the host 'localhost'; a function is reached as <name>.<namespace>.localhost",
    },
  ];
  for (const { host, want } of cases) {
    it(`'${host}' is explained`, () => {
      expect(new World().put(aFunction('hello')).table.explainMiss(host)).toContain(want);
    });
  }

  it('is searched for only so often, whoever asks; beyond that the plain sentence is said', async () => {
    const { clock, table } = new World().put(aFunction('hello'));
    const explained = Array.from({ length: 1000 }, () => table.explainMiss('helo.shop'));
    expect(explained[0]).toContain('say hello.shop');
    expect(explained.filter((text) => text.includes('say hello.shop')).length).toBeLessThanOrEqual(10);
    expect(explained.at(-1)).toContain('a function is reached as <name>.<namespace>');
    await clock.advance(1000);
    expect(table.explainMiss('helo.shop')).toContain('say hello.shop');
  });

  it('does not fill the answer', () => {
    expect(new World().table.explainMiss('x'.repeat(10_000)).length).toBeLessThan(500);
  });
});
