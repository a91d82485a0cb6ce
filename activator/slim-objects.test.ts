import { describe, expect, it } from 'vitest';
import type { FunctionObject } from '../lib/api/function.ts';
import { failureOf } from '../lib/api/pod-failure.ts';
import type { Revision } from '../lib/api/revision.ts';
import type { Pod } from '../lib/kube/objects.ts';
import { readPod } from './replicas/pod-state.ts';
import { makeRoute } from './routing/function-route.ts';
import { slimObject } from './slim-objects.ts';

const meta = {
  name: 'hello',
  namespace: 'shop',
  uid: 'uid',
  resourceVersion: '7',
  generation: 2,
  labels: { 'flint.dev/function': 'hello', 'flint.dev/revision': 'hello-1' },
  annotations: { note: 'x'.repeat(1000) },
  managedFields: [{ manager: 'kubectl' }],
};

const fn: FunctionObject = {
  apiVersion: 'flint.dev/v1alpha1',
  kind: 'Function',
  metadata: meta,
  spec: {
    runtime: 'nodejs',
    source: { inline: 'x'.repeat(200_000) },
    env: [{ name: 'A', value: 'b' }],
    scaling: { maxReplicas: 3 },
    queue: { maxRequests: 2 },
    timeouts: { request: '10s' },
  },
  status: { traffic: [{ revisionName: 'hello-1', percent: 100 }], latestCreatedRevision: 'hello-1' },
};

const revision: Revision = {
  apiVersion: 'flint.dev/v1alpha1',
  kind: 'Revision',
  metadata: { ...meta, name: 'hello-1' },
  spec: {
    functionName: 'hello',
    image: 'image',
    port: 8080,
    protocol: 'Http1',
    concurrency: { limit: 4 },
    podTemplate: { spec: { note: 'x'.repeat(10_000) } },
  },
};

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: meta,
  spec: {
    containers: [
      {
        name: 'function',
        image: 'image',
        env: [{ name: 'A', value: 'x'.repeat(10_000) }],
        ports: [{ name: 'http', containerPort: 8081 }],
        readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
      },
    ],
    volumes: [{ name: 'code' }],
  },
  status: {
    podIP: '10.0.0.9',
    containerStatuses: [
      {
        name: 'function',
        image: '',
        imageID: '',
        ready: false,
        restartCount: 2,
        state: { terminated: { exitCode: 65, message: 'no' } },
      },
    ],
  },
};

describe('an object that is slimmed', () => {
  it('says the same to the data path', () => {
    expect(makeRoute(slimObject(fn), () => slimObject(revision))).toEqual(makeRoute(fn, () => revision));
    expect(readPod(slimObject(pod), failureOf)).toEqual(readPod(pod, failureOf));
    expect(readPod(slimObject(pod), failureOf)).toMatchObject({ failure: { reason: 'CodeDidNotLoad' }, restarts: 2 });
  });

  const cases = [
    { name: 'a Function', object: fn },
    { name: 'a Revision', object: revision },
    { name: 'a Pod', object: pod },
  ];
  for (const { name, object } of cases) {
    it(`is small, as ${name}, and keeps what a watch needs`, () => {
      const slim = slimObject(object);
      expect(JSON.stringify(slim).length).toBeLessThan(name === 'a Pod' ? 1800 : 700);
      expect(slim.metadata).toMatchObject({
        name: object.metadata.name,
        namespace: 'shop',
        uid: 'uid',
        resourceVersion: '7',
      });
      expect(object.metadata.managedFields).toHaveLength(1);
    });
  }

  it('stays as it is where its kind is not known', () => {
    const other = { apiVersion: 'v1', kind: 'Secret', metadata: meta };
    expect(slimObject(other)).toBe(other);
  });
});
