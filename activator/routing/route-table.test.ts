import { beforeEach, describe, expect, it } from 'vitest';
import type { FunctionObject, FunctionSpec, FunctionStatus } from '../../lib/api/function.ts';
import type { Revision } from '../../lib/api/revision.ts';
import type { FunctionRoute } from './route.ts';
import { RouteTable } from './route-table.ts';

let told: (FunctionRoute | string)[] = [];
let table = makeTable();

function makeTable(): RouteTable {
  told = [];
  return new RouteTable(
    { domains: ['example.com'], clusterDomain: 'cluster.local' },
    { onRoute: (route) => told.push(route), onRouteRemoved: (key) => told.push(key) },
  );
}

function aFunction(status: FunctionStatus = {}, spec: Partial<FunctionSpec> = {}): FunctionObject {
  return {
    apiVersion: 'flint.dev/v1alpha1',
    kind: 'Function',
    metadata: { name: 'hello', namespace: 'shop', generation: 1 },
    spec: { source: { inline: 'x' }, ...spec },
    status: { observedGeneration: 1, ...status },
  };
}

function aRevision(name: string, limit = 0): Revision {
  return {
    apiVersion: 'flint.dev/v1alpha1',
    kind: 'Revision',
    metadata: { name, namespace: 'shop' },
    spec: { functionName: 'hello', image: 'i', port: 8080, protocol: 'Http1', concurrency: { limit } },
  };
}

const serving = { traffic: [{ revisionName: 'hello-1', percent: 100 }] };

beforeEach(() => {
  table = makeTable();
});

describe('a route', () => {
  it('has no target before the Revision that its function names is known', () => {
    table.functionChanged(aFunction(serving));
    expect(table.find('hello.shop')?.targets).toEqual([]);
    table.revisionChanged(aRevision('hello-1', 3));
    expect(table.find('hello.shop')?.targets).toEqual([
      { revisionName: 'hello-1', percent: 100, concurrencyLimit: 3, protocol: 'Http1' },
    ]);
  });

  it('is found by every host of its function, and by none after its deletion', () => {
    table.functionChanged(aFunction());
    const hosts = ['hello.shop', 'HELLO.shop:8080', 'hello.shop.svc.cluster.local', 'hello.shop.example.com'];
    expect(hosts.map((host) => table.find(host)?.key)).toEqual(hosts.map(() => 'shop/hello'));
    table.functionDeleted(aFunction());
    expect(hosts.map((host) => table.find(host))).toEqual(hosts.map(() => undefined));
    expect(told.at(-1)).toBe('shop/hello');
  });

  it('is not told again by a change that is none for it', () => {
    table.functionChanged(aFunction({ replicas: 1 }));
    table.functionChanged(aFunction({ replicas: 2 }));
    expect(told).toHaveLength(1);
    table.functionChanged(aFunction({}, { scaling: { maxReplicas: 5 } }));
    expect(told).toHaveLength(2);
  });

  const failing = [
    { type: 'Ready', status: 'False' as const, reason: 'CodeDidNotLoad', message: 'no', lastTransitionTime: '' },
  ];
  const cases = [
    {
      name: 'carries the failure of a function that never served',
      status: { conditions: failing },
      want: 'CodeDidNotLoad',
    },
    { name: 'has no failure while something serves', status: { ...serving, conditions: failing }, want: undefined },
    {
      name: 'has no failure that speaks of an older spec',
      status: { conditions: failing, observedGeneration: 0 },
      want: undefined,
    },
    {
      name: 'has no failure for a reason that is none',
      status: { conditions: failing.map((condition) => ({ ...condition, reason: 'Starting' })) },
      want: undefined,
    },
  ];
  for (const { name, status, want } of cases) {
    it(name, () => {
      table.revisionChanged(aRevision('hello-1'));
      table.functionChanged(aFunction(status));
      expect(table.find('hello.shop')?.failure?.reason).toBe(want);
    });
  }

  it('has every default and unit applied', () => {
    table.functionChanged(
      aFunction({}, { scaling: { metric: 'RequestRate' }, queue: { maxBytes: '1Ki' }, timeouts: { request: '1m30s' } }),
    );
    expect(table.find('hello.shop')?.settings).toMatchObject({
      scaling: { target: 200, windowMs: 60_000, panicWindowMs: 6000, idleTimeoutMs: 30_000, maxReplicas: 100 },
      queue: { maxRequests: 1000, maxBytes: 1024, maxWaitMs: 60_000 },
      timeouts: { requestMs: 90_000, firstByteMs: 0, idleMs: 0, drainMs: 30_000 },
    });
  });
});
