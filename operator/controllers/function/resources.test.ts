import { describe, expect, it } from 'vitest';
import type { FunctionSpec, LiveSpec, VersionedSpec } from '../../../lib/api/function.ts';
import { annotations } from '../../../lib/api/names.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import type { RuntimeSpec } from '../../../lib/api/runtime.ts';
import { aFunction, aRuntime } from '../../testing/builders.ts';
import { makeCodeConfigMap, makeRevision, makeService } from './resources.ts';
import { readSource } from './source.ts';

function revisionOf(spec: Partial<FunctionSpec> = {}, runtime: Partial<RuntimeSpec> = {}): Revision {
  const fn = aFunction(spec);
  const source = readSource(fn, { runtime: aRuntime(runtime) });
  if (source.kind === 'missing') {
    throw new Error(source.failure.message);
  }
  return makeRevision(fn, source);
}

const nameOf = (spec: Partial<FunctionSpec> = {}, runtime: Partial<RuntimeSpec> = {}): string =>
  revisionOf(spec, runtime).metadata.name;

it('a Revision notes the drain time of its birth, which is no part of its name', () => {
  const [plain, short] = [revisionOf(), revisionOf({ timeouts: { drain: '7s' } })];
  expect([plain, short].map(({ metadata }) => metadata.annotations?.[annotations.drain])).toEqual(['30s', '7s']);
  expect(short.metadata.name).toBe(plain.metadata.name);
});

describe('the name of a Revision', () => {
  it('is pinned: another one would start every function there is anew at the next upgrade of the operator', () => {
    const spec: Partial<FunctionSpec> = {
      handler: 'index.main',
      env: [{ name: 'GREETING', value: 'hi' }],
      concurrency: { limit: 3 },
      podTemplate: { spec: { hostname: 'one' } },
    };
    expect(nameOf()).toBe('hello-e0af103468');
    expect(nameOf(spec, { resources: { limits: { memory: '1Gi' } } })).toBe('hello-7b33171504');
    expect(nameOf({ source: { image: 'registry/hello:1' } })).toBe('hello-a06b66b727');
  });

  /** One change for each versioned field; the compiler keeps the list complete. */
  const versioned: Record<Exclude<keyof VersionedSpec, 'runtime'>, Partial<FunctionSpec>> = {
    source: { source: { inline: 'export default () => new Response("2");' } },
    handler: { handler: 'index.other' },
    port: { port: 3000 },
    protocol: { protocol: 'H2c' },
    command: { command: ['serve'] },
    args: { args: ['--fast'] },
    env: { env: [{ name: 'A', value: '1' }] },
    envFrom: { envFrom: [{ secretRef: { name: 'db' } }] },
    resources: { resources: { limits: { memory: '1Gi' } } },
    serviceAccountName: { serviceAccountName: 'hello' },
    volumes: { volumes: [{ name: 'data', emptyDir: {} }] },
    volumeMounts: { volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    securityContext: { securityContext: {} },
    readinessProbe: { readinessProbe: { httpGet: { port: 'http', path: '/ready' } } },
    livenessProbe: { livenessProbe: { tcpSocket: { port: 'http' } } },
    startupProbe: { startupProbe: { tcpSocket: { port: 'http' } } },
    nodeSelector: { nodeSelector: { disk: 'ssd' } },
    tolerations: { tolerations: [{ operator: 'Exists' }] },
    affinity: { affinity: { podAntiAffinity: {} } },
    topologySpreadConstraints: {
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
    },
    priorityClassName: { priorityClassName: 'high' },
    runtimeClassName: { runtimeClassName: 'gvisor' },
    imagePullSecrets: { imagePullSecrets: [{ name: 'registry' }] },
    podTemplate: { podTemplate: { spec: { hostname: 'one' } } },
    concurrency: { concurrency: { limit: 3 } },
  };
  it.each(Object.entries(versioned))('changes with %s, and no two changes have one name', (field, change) => {
    expect(nameOf(change)).not.toBe(nameOf());
    const others = Object.entries(versioned).filter(([name]) => name !== field);
    expect(others.map(([, other]) => nameOf(other))).not.toContain(nameOf(change));
  });

  const live: Record<keyof LiveSpec, Partial<FunctionSpec>> = {
    scaling: { scaling: { minReplicas: 3 } },
    queue: { queue: { maxRequests: 3 } },
    timeouts: { timeouts: { drain: '3s' } },
    coldStart: { coldStart: { track: 'Pool' } },
    revisionHistoryLimit: { revisionHistoryLimit: 3 },
    paused: { paused: false },
  };
  it.each(Object.entries(live))('does not change with %s', (_field, change) => {
    expect(nameOf(change)).toBe(nameOf());
  });

  const unsaid: readonly { name: string; spec: Partial<FunctionSpec> }[] = [
    { name: 'empty lists and maps', spec: { env: [], args: [], nodeSelector: {}, podTemplate: {}, resources: {} } },
    { name: 'empty text', spec: { handler: '', priorityClassName: '' } },
    { name: 'no limit', spec: { concurrency: { limit: 0 } } },
    { name: 'a default', spec: { protocol: 'Http1', port: 8080 } },
  ];
  it.each(unsaid)('is the same with $name as with nothing', ({ spec }) => {
    expect(nameOf(spec)).toBe(nameOf());
  });

  it('is another one when the order of env is, since a value may refer to the ones before it', () => {
    const [a, b] = [
      { name: 'A', value: '1' },
      { name: 'B', value: '$(A)' },
    ];
    expect(nameOf({ env: [a, b] })).not.toBe(nameOf({ env: [b, a] }));
  });

  const ofRuntime: readonly { name: string; runtime: Partial<RuntimeSpec> }[] = [
    { name: 'image', runtime: { image: 'nodejs:2' } },
    { name: 'port', runtime: { port: 3000 } },
    { name: 'codePath', runtime: { codePath: '/code' } },
    { name: 'resources', runtime: { resources: { limits: { memory: '1Gi' } } } },
    { name: 'securityContext', runtime: { securityContext: { runAsUser: 7 } } },
    { name: 'first entry file, which is the name of inline code', runtime: { entryFiles: ['main.ts'] } },
  ];
  it.each(ofRuntime)("changes with the Runtime's $name, and the content that it notes does not", ({ runtime }) => {
    const [before, after] = [revisionOf(), revisionOf({}, runtime)];
    expect(after.metadata.name).not.toBe(before.metadata.name);
    expect(after.metadata.annotations?.[annotations.content]).toBe(before.metadata.annotations?.[annotations.content]);
  });

  it('does not change with what a Runtime says to others', () => {
    expect(nameOf({}, { pool: { size: 3 }, updates: { maxParallel: 1 } })).toBe(nameOf());
  });

  it('fits into a label with the longest name that a Function may have', () => {
    const fn = { ...aFunction(), metadata: { ...aFunction().metadata, name: 'x'.repeat(52) } };
    expect(makeRevision(fn, { kind: 'image', image: 'x' }).metadata.name).toHaveLength(63);
  });
});

describe('the spec of a Revision', () => {
  it("has the Function's word over the Runtime's", () => {
    const runtime = { port: 1, resources: { limits: { memory: '1Gi' } }, securityContext: { runAsUser: 1 } };
    const own = { port: 2, resources: { limits: { memory: '2Gi' } }, securityContext: { runAsUser: 2 } };
    expect(revisionOf({}, runtime).spec).toMatchObject(runtime);
    expect(revisionOf(own, runtime).spec).toMatchObject(own);
  });

  it('of an image has neither code nor anything of a Runtime', () => {
    const { spec } = revisionOf({ source: { image: 'registry/hello:1' }, port: 3000 });
    expect(spec).toMatchObject({ image: 'registry/hello:1', port: 3000 });
    expect(spec.code).toBeUndefined();
  });
});

describe('the code of a Revision', () => {
  it('is immutable, its own, and has its name', () => {
    const revision = { ...revisionOf(), metadata: { ...revisionOf().metadata, uid: 'uid-of-revision' } };
    const { metadata, ...rest } = makeCodeConfigMap(revision, { data: { a: '1' }, binaryData: { b: 'AP8=' } });
    expect(metadata).toMatchObject({
      name: revision.metadata.name,
      namespace: 'shop',
      labels: { 'flint.dev/function': 'hello', 'flint.dev/revision': revision.metadata.name },
      ownerReferences: [{ kind: 'Revision', uid: 'uid-of-revision', controller: true }],
    });
    expect(rest).toMatchObject({ immutable: true, data: { a: '1' }, binaryData: { b: 'AP8=' } });
  });
});

it('the Service leads to the activator under the name of the function', () => {
  expect(makeService(aFunction(), 'activator.flint-system.svc')).toMatchObject({
    metadata: { name: 'hello', namespace: 'shop', ownerReferences: [{ uid: 'uid-of-hello', controller: true }] },
    spec: { type: 'ExternalName', externalName: 'activator.flint-system.svc' },
  });
});
