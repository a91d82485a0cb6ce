import { describe, expect, it } from 'vitest';
import type { RevisionSpec } from '../../../lib/api/revision.ts';
import type { PodSpec } from '../../../lib/kube/objects.ts';
import { aFunction, aRevision } from '../../testing/builders.ts';
import { drainAtBirth, initialReplicasOf, makeDeployment } from './resources.ts';

const code = { sha256: 'abc', path: '/flint/code', files: ['index.mjs'] };

function podOf(spec: Partial<RevisionSpec> = {}, drain = '30s'): PodSpec {
  const pod = makeDeployment(aRevision('hello-1', { spec: { code, ...spec } }), drain).spec.template.spec;
  if (pod === undefined) {
    throw new Error('there is no Pod');
  }
  return pod;
}

type Container = PodSpec['containers'][number];
const containerOf = (spec: Partial<RevisionSpec> = {}, drain?: string): Container | undefined =>
  podOf(spec, drain).containers[0];
const envOf = (spec: Partial<RevisionSpec> = {}): Record<string, unknown> =>
  Object.fromEntries((containerOf(spec)?.env ?? []).map(({ name, value }) => [name, value]));

describe('the Deployment of a Revision', () => {
  it('is its own, found by its labels, and leaves the replica count to the activator', () => {
    const { metadata, spec } = makeDeployment(aRevision('hello-1'), '30s');
    const labels = { 'flint.dev/function': 'hello', 'flint.dev/revision': 'hello-1' };
    expect(metadata).toMatchObject({
      name: 'hello-1',
      namespace: 'shop',
      labels,
      ownerReferences: [{ kind: 'Revision', name: 'hello-1', uid: 'uid-of-hello-1', controller: true }],
    });
    expect(spec.selector).toEqual({ matchLabels: { 'flint.dev/revision': 'hello-1' } });
    expect(spec.template.metadata?.labels).toEqual(labels);
    expect(spec).not.toHaveProperty('replicas');
  });

  it('gives a first replica the time of a slow pull', () => {
    expect(makeDeployment(aRevision('hello-1'), '30s').spec.progressDeadlineSeconds).toBe(600);
  });

  it('makes Pods by the contract with the image', () => {
    expect(envOf({ handler: 'index.main' })).toEqual({
      PORT: '8080',
      FLINT_FUNCTION: 'hello',
      FLINT_NAMESPACE: 'shop',
      FLINT_REVISION: 'hello-1',
      FLINT_CODE_PATH: '/flint/code',
      FLINT_HANDLER: 'index.main',
      FLINT_TERMINATION_LOG: '/dev/termination-log',
      FLINT_DRAIN_TIMEOUT: '30s',
    });
    expect(containerOf()).toMatchObject({
      name: 'function',
      image: 'nodejs:1',
      ports: [{ name: 'http', containerPort: 8080 }],
      volumeMounts: [{ name: 'code', mountPath: '/flint/code', readOnly: true }],
      readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
      terminationMessagePolicy: 'FallbackToLogsOnError',
    });
    expect(podOf().volumes).toEqual([{ name: 'code', configMap: { name: 'hello-1' } }]);
  });

  it('makes Pods that know nothing of the cluster and pass the restricted Pod Security Standard', () => {
    expect(podOf()).toMatchObject({
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(containerOf()?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    expect(containerOf({ securityContext: {} })?.securityContext).toEqual({});
  });

  const graces = [
    { drain: '30s', want: 35 },
    { drain: '500ms', want: 6 },
    { drain: '1h', want: 3605 },
  ];
  it.each(graces)('gives a replica its drain time of $drain and some seconds to end by itself', ({ drain, want }) => {
    expect(podOf({}, drain).terminationGracePeriodSeconds).toBe(want);
  });

  it('takes all that the Function says about its Pods', () => {
    const own = {
      command: ['serve'],
      args: ['--fast'],
      envFrom: [{ secretRef: { name: 'db' } }],
      resources: { limits: { memory: '1Gi' } },
      livenessProbe: { tcpSocket: { port: 'http' } },
      startupProbe: { tcpSocket: { port: 'http' } },
      readinessProbe: { httpGet: { port: 'http', path: '/ready' } },
    };
    const pod = {
      serviceAccountName: 'hello',
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ operator: 'Exists' }],
      affinity: { podAntiAffinity: {} },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
      priorityClassName: 'high',
      runtimeClassName: 'gvisor',
      imagePullSecrets: [{ name: 'registry' }],
    };
    expect(containerOf({ ...own, ...pod })).toMatchObject(own);
    expect(podOf({ ...own, ...pod })).toMatchObject(pod);
  });

  it('puts the function’s variables and volumes after ours, in their order', () => {
    const spec = {
      env: [
        { name: 'B', value: '$(PORT)' },
        { name: 'A', value: '1' },
      ],
      volumes: [{ name: 'data', emptyDir: {} }],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    };
    expect(Object.keys(envOf(spec)).slice(-2)).toEqual(['B', 'A']);
    expect(podOf(spec).volumes?.map(({ name }) => name)).toEqual(['code', 'data']);
    expect(containerOf(spec)?.volumeMounts?.map(({ name }) => name)).toEqual(['code', 'data']);
  });

  it('keeps to one value for each variable of the contract', () => {
    const env = containerOf({ env: [{ name: 'PORT', value: '1' }] })?.env;
    expect(env?.filter(({ name }) => name === 'PORT')).toEqual([{ name: 'PORT', value: '8080' }]);
  });

  it('of an image mounts no code, and says so', () => {
    const pod = makeDeployment(aRevision('hello-1'), '30s').spec.template.spec;
    expect(pod).not.toHaveProperty('volumes');
    expect(pod?.containers[0]).not.toHaveProperty('volumeMounts');
    expect(pod?.containers[0]?.env?.map(({ name }) => name)).not.toContain('FLINT_CODE_PATH');
  });
});

describe('what a Deployment is born with', () => {
  const births = [
    { name: 'one replica, to prove itself', scaling: {}, want: 1 },
    { name: 'as many as must always be there', scaling: { minReplicas: 3 }, want: 3 },
    { name: 'as many as it shall prove itself with', scaling: { minReplicas: 1, initialReplicas: 2 }, want: 2 },
    { name: 'none, where nothing has to be proven', scaling: { initialReplicas: 0 }, want: 0 },
  ];
  it.each(births)('is $name', ({ scaling, want }) => {
    expect(initialReplicasOf(aFunction({ scaling }))).toBe(want);
  });

  const notes = [
    { name: 'noted at its birth, whatever the Function says now', noted: '7s', want: '7s' },
    { name: 'of the Function, where nothing is noted', noted: undefined, want: '30s' },
    { name: 'of the Function, where nonsense is noted', noted: 'never', want: '30s' },
  ];
  it.each(notes)('has the drain time $name', ({ noted, want }) => {
    const own = noted === undefined ? {} : { annotations: { 'flint.dev/drain': noted } };
    expect(drainAtBirth(aRevision('hello-1', own), aFunction())).toBe(want);
  });
});
