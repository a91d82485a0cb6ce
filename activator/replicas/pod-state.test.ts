import { describe, expect, it } from 'vitest';

import type { Pod } from '../../lib/kube/objects.ts';
import { makePod } from '../testing/fake-cluster.ts';
import { aPodState } from '../testing/fake-replica.ts';
import { type PodState, readPod } from './pod-state.ts';
import { stateAfter } from './replica.ts';

type Container = Pod['spec']['containers'][number];

function aPod(status: NonNullable<Pod['status']>, container: Partial<Container> = {}): Pod {
  const pod = makePod('shop', 'hello-1', 8080);
  const [first] = pod.spec.containers;
  return { ...pod, status, spec: { containers: [{ name: 'sidecar' }, { name: 'function', ...first, ...container }] } };
}

function read(pod: Pod): PodState | undefined {
  return readPod(pod, () => undefined);
}

describe('readPod', () => {
  it('says whose pod it is, and where it listens once it has an address', () => {
    expect(read(aPod({ phase: 'Pending' }))).toMatchObject({
      uid: 'uid-8080',
      functionKey: 'shop/hello',
      revisionName: 'hello-1',
      endpoint: undefined,
      ready: false,
      ending: false,
    });
    expect(read(aPod({ podIP: '10.0.0.9' }))?.endpoint).toEqual({ host: '10.0.0.9', port: 8080 });
  });

  it('ignores a pod without the labels of a function', () => {
    const pod = aPod({});
    expect(read({ ...pod, metadata: { ...pod.metadata, labels: {} } })).toBeUndefined();
  });

  const endings: { name: string; pod: Pod; want: boolean }[] = [
    { name: 'running', pod: aPod({ phase: 'Running' }), want: false },
    { name: 'evicted', pod: aPod({ phase: 'Failed' }), want: true },
    { name: 'done', pod: aPod({ phase: 'Succeeded' }), want: true },
  ];
  for (const { name, pod, want } of endings) {
    it(`a pod that is ${name} is ${want ? '' : 'not '}on its way out`, () => {
      expect(read(pod)?.ending).toBe(want);
    });
  }

  it('a pod that is being deleted is on its way out', () => {
    const pod = aPod({ phase: 'Running' });
    expect(read({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } })?.ending).toBe(
      true,
    );
  });

  const base = { name: 'function', image: '', imageID: '', ready: false, restartCount: 2 };
  const crashes = [
    { name: 'ended', state: { terminated: { exitCode: 1 } }, want: true },
    { name: 'in back-off', state: { waiting: { reason: 'CrashLoopBackOff' } }, want: true, backingOff: true },
    { name: 'being created', state: { waiting: { reason: 'ContainerCreating' } }, want: false },
    { name: 'running', state: { running: {} }, want: false },
  ];
  for (const { name, state, want, backingOff = false } of crashes) {
    it(`a container that is ${name} has ${want ? '' : 'not '}crashed`, () => {
      expect(read(aPod({ containerStatuses: [{ ...base, state }] }))).toMatchObject({
        crashed: want,
        backingOff,
        restarts: 2,
      });
    });
  }

  const checks: { name: string; container: Partial<Container>; want: PodState['check'] }[] = [
    { name: 'no probe', container: {}, want: { kind: 'connect' } },
    {
      name: 'a TCP probe by name',
      container: { readinessProbe: { tcpSocket: { port: 'http' } } },
      want: { kind: 'connect' },
    },
    {
      name: 'a GET by number',
      container: {
        readinessProbe: { httpGet: { path: '/ready', port: 8080, httpHeaders: [{ name: 'x-probe', value: '1' }] } },
      },
      want: { kind: 'get', path: '/ready', headers: { 'x-probe': '1' } },
    },
    {
      name: 'a GET without a path',
      container: { readinessProbe: { httpGet: { port: 'http' } } },
      want: { kind: 'get', path: '/', headers: {} },
    },
    {
      name: 'a GET over TLS',
      container: { readinessProbe: { httpGet: { port: 'http', scheme: 'HTTPS' } } },
      want: { kind: 'kubelet' },
    },
    { name: 'another port', container: { readinessProbe: { tcpSocket: { port: 9090 } } }, want: { kind: 'kubelet' } },
    { name: 'a command', container: { readinessProbe: { exec: { command: ['true'] } } }, want: { kind: 'kubelet' } },
    {
      name: 'a startup probe',
      container: { startupProbe: { tcpSocket: { port: 'http' } } },
      want: { kind: 'kubelet' },
    },
  ];
  for (const { name, container, want } of checks) {
    it(`asks a pod with ${name} as ${want.kind}`, () => {
      expect(read(aPod({}, container))?.check).toEqual(want);
    });
  }
});

describe('stateAfter', () => {
  const cases = [
    { name: 'Ready at last', state: 'starting', pod: { ready: true }, want: 'usable' },
    { name: 'not Ready yet', state: 'starting', pod: { ready: false }, want: 'starting' },
    {
      name: 'not Ready yet, but found by a probe',
      state: 'usable',
      before: { ready: false },
      pod: { ready: false },
      want: 'usable',
    },
    { name: 'Ready withdrawn', state: 'usable', before: { ready: true }, pod: { ready: false }, want: 'unready' },
    { name: 'Ready again', state: 'unready', before: { ready: false }, pod: { ready: true }, want: 'usable' },
    { name: 'container died', state: 'usable', pod: { ready: false, crashed: true }, want: 'starting' },
    {
      name: 'container restarted, not Ready yet',
      state: 'usable',
      pod: { ready: false, restarts: 1 },
      want: 'starting',
    },
    { name: 'container restarted and Ready', state: 'suspect', pod: { ready: true, restarts: 1 }, want: 'usable' },
    { name: 'suspect, and the kubelet has not noticed', state: 'suspect', pod: { ready: true }, want: 'suspect' },
    { name: 'retired, and still Ready', state: 'retired', pod: { ready: true }, want: 'retired' },
    {
      name: 'Ready without an address',
      state: 'starting',
      pod: { ready: true, endpoint: undefined },
      want: 'starting',
    },
  ] as const;
  for (const { name, state, pod, want, ...rest } of cases) {
    it(`${name}: ${state} => ${want}`, () => {
      const before = 'before' in rest ? rest.before : {};
      expect(stateAfter(state, aPodState(before), aPodState(pod))).toBe(want);
    });
  }
});
