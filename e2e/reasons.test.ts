import { load } from 'js-yaml';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findCondition, isTrue } from '../lib/api/conditions.ts';
import type { FunctionObject, FunctionSpec } from '../lib/api/function.ts';
import type { FailureReason } from '../lib/api/reasons.ts';
import type { Runtime } from '../lib/api/runtime.ts';
import type { Condition, KubeObject } from '../lib/kube/objects.ts';
import { clusterIt, currentTarget } from './framework/current-target.ts';
import { functionManifest, greeting } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

/** Every reason why a function cannot run: what brings it about, where it is told, and what mends it. */

const story = tellStories();

/** A kubelet tries a missing Secret again after a minute, a crashed container after up to five, a quota after some more. */
const patience = { withinMs: currentTarget?.kind === 'local' ? 30_000 : 180_000 };
const options = { timeout: 2.5 * patience.withinMs };

const good = greeting('mended');

interface Row {
  readonly title: string;
  readonly reason: FailureReason;
  /** What its message says, on every cluster. */
  readonly says: RegExp;
  /** The condition that Ready sums up. */
  readonly condition?: 'Routed';
  /** Whether it may end without a change of the function: tools that wait for Ready wait on. */
  readonly progress: 'Reconciling' | 'Stalled';
  /** What is laid over the good function. */
  readonly spec: Partial<FunctionSpec>;
  /** There before the function, and no obstacle. */
  readonly present?: KubeObject;
  /** Stands in the way, and mends the function by its end. */
  readonly obstacle?: KubeObject;
  /** Mends the function by its coming. Without both the next apply does. */
  readonly missing?: KubeObject;
  /** Needs more than the embedded node has. */
  readonly only?: 'cluster';
}

function configMap(name: string, data: Record<string, string>): KubeObject & { readonly data: object } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

function secret(name: string, stringData: Record<string, string>): KubeObject & { readonly stringData: object } {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData };
}

function service(name: string): KubeObject & { readonly spec: object } {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } };
}

function quota(name: string, hard: object): KubeObject & { readonly spec: object } {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec: { hard } };
}

const code = (inline: string): Partial<FunctionSpec> => ({ source: { inline } });

/** Comes to an end only after it is loaded, and before it has ever been ready. */
function doomed(inline: string): Partial<FunctionSpec> {
  const handler = "export default () => new Response('', { status: 503 });";
  return { ...code(`${inline}\n${handler}\n`), readinessProbe: { httpGet: { path: '/', port: 8080 } } };
}

/** A Runtime belongs to no namespace. */
const lateRuntime = `late-${story.namespace}`;

const rows: readonly Row[] = [
  {
    title: 'an image that no registry has',
    reason: 'ImagePullFailed',
    says: /image 127\.0\.0\.1:1\/none:1: .*127\.0\.0\.1:1\/none:1/u,
    progress: 'Reconciling',
    spec: { source: { image: '127.0.0.1:1/none:1' } },
  },
  {
    title: 'a process that ends by itself',
    reason: 'ContainerCrashed',
    says: /ended with exit code 70: .*it broke/u,
    progress: 'Reconciling',
    spec: doomed("setTimeout(() => { throw new Error('it broke'); }, 200);"),
  },
  {
    title: 'a process that outgrows its memory',
    reason: 'ContainerCrashed',
    says: /OOMKilled.* exit code 137/u,
    progress: 'Reconciling',
    spec: {
      ...doomed('const all = []; setInterval(() => all.push(Buffer.alloc(2e7, 1)), 20);'),
      resources: { limits: { memory: '96Mi' } },
    },
  },
  {
    title: 'a handler that the file does not export',
    reason: 'HandlerNotFound',
    says: /none/u,
    progress: 'Stalled',
    spec: { handler: 'index.none' },
  },
  {
    title: 'code that does not parse',
    reason: 'CodeDidNotLoad',
    says: /SyntaxError: .*index\.mjs:2/u,
    progress: 'Stalled',
    spec: code('export default () =>\n  new Response("broken" };\n'),
  },
  {
    title: 'code that throws while it loads',
    reason: 'CodeDidNotLoad',
    says: /Error: no settings.*index\.mjs:2/u,
    progress: 'Stalled',
    spec: code(`const settings = undefined;\nif (!settings) throw new Error('no settings');\n${good}`),
  },
  {
    title: 'a node that there is not',
    reason: 'Unschedulable',
    says: /^(?:revision \S+ does not start: )?0\/\d+ nodes are available: .*node affinity\/selector/u,
    progress: 'Reconciling',
    spec: { nodeSelector: { 'flint.dev/no-such-node': 'true' } },
  },
  {
    title: 'more memory than the quota has left',
    reason: 'QuotaExceeded',
    says: /exceeded quota: small/u,
    progress: 'Reconciling',
    spec: {},
    obstacle: quota('small', { 'requests.memory': '1Mi' }),
  },
  {
    title: 'a limit that the quota counts and nobody states',
    reason: 'QuotaExceeded',
    says: /failed quota: counted: must specify limits\.cpu/u,
    progress: 'Reconciling',
    spec: {},
    obstacle: quota('counted', { 'limits.cpu': '8' }),
  },
  {
    title: 'a Runtime that there is not',
    reason: 'RuntimeNotFound',
    says: /there is no Runtime 'nodjs'/u,
    progress: 'Reconciling',
    spec: { runtime: 'nodjs' },
  },
  {
    title: 'a ConfigMap with code that is not there yet',
    reason: 'ConfigMapNotFound',
    says: /there is no ConfigMap 'late-code'/u,
    progress: 'Reconciling',
    spec: { source: { configMap: { name: 'late-code' } } },
    missing: configMap('late-code', { 'index.mjs': good }),
  },
  {
    title: 'a ConfigMap with variables that is not there yet',
    reason: 'ConfigMapNotFound',
    says: /configmap "late-variables" not found/u,
    progress: 'Reconciling',
    spec: { envFrom: [{ configMapRef: { name: 'late-variables' } }] },
    missing: configMap('late-variables', { A: '1' }),
  },
  {
    title: 'a key that a ConfigMap has not yet',
    reason: 'ConfigMapNotFound',
    says: /couldn't find key B in ConfigMap \S+\/half/u,
    progress: 'Reconciling',
    spec: { env: [{ name: 'B', valueFrom: { configMapKeyRef: { name: 'half', key: 'B' } } }] },
    present: configMap('half', { A: '1' }),
    missing: configMap('half', { A: '1', B: '2' }),
  },
  {
    title: 'a Secret that is not there yet',
    reason: 'SecretNotFound',
    says: /secret "late-secret" not found/u,
    progress: 'Reconciling',
    spec: { env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'late-secret', key: 'token' } } }] },
    missing: secret('late-secret', { token: 't' }),
  },
  {
    title: 'a Pod with power over its node',
    reason: 'InvalidPodTemplate',
    says: /power over its node: hostNetwork/u,
    progress: 'Stalled',
    spec: { podTemplate: { spec: { hostNetwork: true } } },
  },
  {
    title: 'a Pod that its own Deployment would not find',
    reason: 'InvalidPodTemplate',
    says: /`selector` does not match template `labels`/u,
    progress: 'Stalled',
    spec: { podTemplate: { metadata: { labels: { 'flint.dev/revision': 'other' } } } },
  },
  {
    title: 'a field that Pods do not have',
    reason: 'InvalidPodTemplate',
    says: /spec\.template\.spec\.hostNetwrk: field not declared in schema/u,
    progress: 'Stalled',
    spec: { podTemplate: { spec: { hostNetwrk: true } } },
    only: 'cluster',
  },
  {
    title: 'a Service of its name that is not its own',
    reason: 'NameTaken',
    says: /a Service 'named' exists that is not this function's/u,
    condition: 'Routed',
    progress: 'Stalled',
    spec: {},
    obstacle: service('named'),
  },
];

function manifestOf(name: string, spec: Partial<FunctionSpec>): string {
  const fn = load(functionManifest(name, good, spec)) as FunctionObject;
  if (fn.spec.source.image !== undefined) {
    delete fn.spec.runtime;
  }
  return JSON.stringify(fn);
}

async function apply(object: KubeObject): Promise<void> {
  await story.kubectl.apply(JSON.stringify(object));
}

/** Its conditions, once what was applied last has failed for this reason. */
function untilTold(name: string, { reason, says }: Row): Promise<readonly Condition[]> {
  return eventually(
    `function ${name} says ${reason}: ${String(says)}`,
    async () => {
      const { metadata, status } = await story.function(name);
      const ready = findCondition(status?.conditions, 'Ready');
      const isOfNow = ready?.observedGeneration === metadata.generation;
      if (isOfNow && ready?.status === 'False' && ready.reason === reason && says.test(ready.message)) {
        return status?.conditions;
      }
      throw new Error(JSON.stringify(status?.conditions ?? 'no conditions'));
    },
    patience,
  );
}

interface Told {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

/** An event comes after the status that it tells of. */
async function untilEvent(name: string, { reason, says }: Row): Promise<void> {
  await eventually(`an event says ${reason}`, async () => {
    const { items } = await story.kubectl.json<{ items: Told[] }>('get', 'events');
    return items
      .filter(({ involvedObject: { kind, name: whose } }) => kind === 'Function' && whose === name)
      .find((event) => event.type === 'Warning' && event.reason === reason && says.test(event.message));
  });
}

async function mend(name: string, { obstacle, missing }: Row): Promise<void> {
  if (missing !== undefined) {
    await apply(missing);
  } else if (obstacle === undefined) {
    await story.kubectl.apply(manifestOf(name, {}));
  } else {
    await story.kubectl.run('delete', `${obstacle.kind}/${obstacle.metadata.name}`);
  }
  await story.untilReady(name, patience);
}

describe('a reason', () => {
  for (const [index, row] of rows.entries()) {
    const tellIt = row.only === 'cluster' ? clusterIt : it;
    tellIt(`${row.reason}: ${row.title}, is told everywhere, and gone when it is mended`, options, async () => {
      const name = row.condition === 'Routed' ? (row.obstacle?.metadata.name ?? '') : `broken-${index}`;
      for (const object of [row.present, row.obstacle].filter((one) => one !== undefined)) {
        await apply(object);
      }
      await story.kubectl.apply(manifestOf(name, row.spec));
      const conditions = await untilTold(name, row);
      const { reason, condition = 'RevisionReady', progress } = row;
      expect(findCondition(conditions, condition)).toMatchObject({ status: 'False', reason });
      expect(findCondition(conditions, condition)?.message).toMatch(row.says);
      expect(findCondition(conditions, progress)).toMatchObject({ status: 'True', reason });
      expect(conditions.filter((one) => ['Reconciling', 'Stalled'].includes(one.type))).toHaveLength(1);
      const line = await story.kubectl.run('get', `fn/${name}`, '--output=wide', '--no-headers');
      expect(line).toMatch(new RegExp(`^${name}\\s+http:\\S+\\s+False\\s+${reason}\\s+\\d`, 'u'));
      await untilEvent(name, row);
      if (condition === 'RevisionReady') {
        const refused = await story.request(name);
        expect([refused.status, refused.flintError]).toEqual([503, 'ColdStartFailed']);
        expect(refused.text).toContain(reason);
      }
      await mend(name, row);
      const answer = await story.request(name);
      expect([answer.status, answer.text]).toEqual([200, 'mended']);
      await story.kubectl.run('delete', `function/${name}`, '--wait=false');
    });
  }

  it('RuntimeNotFound goes when the Runtime comes', options, async () => {
    onTestFinished(async () => {
      await story.kubectl.run('delete', `runtime/${lateRuntime}`, '--ignore-not-found');
    });
    await story.kubectl.apply(manifestOf('early', { runtime: lateRuntime }));
    await story.untilReason('early', 'RuntimeNotFound', lateRuntime);
    const { apiVersion, kind, spec } = await story.kubectl.json<Runtime>('get', 'runtime/nodejs');
    const { pool: _, ...rest } = spec;
    await apply({ apiVersion, kind, metadata: { name: lateRuntime }, spec: rest } as KubeObject);
    await story.untilReady('early', patience);
    expect((await story.request('early')).text).toBe('mended');
    await story.kubectl.run('delete', 'function/early', '--wait=false');
  });
});

describe('a function with one mistake after another', () => {
  const mistakes = rows.filter(({ only, obstacle, missing }) => [only, obstacle, missing].every((one) => !one));

  it(
    'tells each, while what ran before goes on serving, and the next apply mends it',
    { timeout: 4 * options.timeout },
    async () => {
      await story.kubectl.apply(manifestOf('stumbling', {}));
      const serving = (await story.untilReady('stumbling', patience)).status?.latestReadyRevision;
      for (const row of mistakes) {
        await story.kubectl.apply(manifestOf('stumbling', row.spec));
        const conditions = await untilTold('stumbling', row);
        expect(findCondition(conditions, 'Ready')?.message).toContain(`revision ${serving ?? ''} goes on serving`);
        expect(isTrue(conditions, 'Routed')).toBe(true);
        expect((await story.request('stumbling')).text).toBe('mended');
      }
      await story.kubectl.apply(manifestOf('stumbling', {}));
      expect((await story.untilReady('stumbling', patience)).status?.latestReadyRevision).toBe(serving);
      await story.kubectl.run('delete', 'function/stumbling', '--wait=false');
    },
  );

  it('that nobody waited for is Ready with the good spec that comes last', options, async () => {
    for (const { spec } of mistakes) {
      await story.kubectl.apply(manifestOf('hasty', spec));
    }
    await story.kubectl.apply(manifestOf('hasty', {}));
    await story.untilReady('hasty', patience);
    expect((await story.request('hasty')).text).toBe('mended');
    const revisions = await eventually('what never ran is gone', async () => {
      const own = (await story.objects('revisions')).filter(({ metadata }) => metadata.name.startsWith('hasty-'));
      return own.length === 1 ? own : undefined;
    });
    expect(revisions).toHaveLength(1);
  });
});

it(
  'NameTaken: a Deployment of the name of a Revision is let alone, and other content goes past it',
  options,
  async () => {
    await story.kubectl.apply(manifestOf('claimed', {}));
    const name = (await story.untilReady('claimed', patience)).status?.latestCreatedRevision ?? '';
    await story.kubectl.run('delete', 'function/claimed');
    await eventually('everything of it is gone', async () => {
      const left = await story.objects('deployments');
      return left.some(({ metadata }) => metadata.name === name) ? undefined : true;
    });
    const labels = { app: 'stranger' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'stranger.invalid/none' }] } };
    const spec = { replicas: 0, selector: { matchLabels: labels }, template };
    await apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec } as KubeObject);
    await story.kubectl.apply(manifestOf('claimed', {}));
    await story.untilReason('claimed', 'NameTaken', `a Deployment '${name}' exists that is not this function's`);
    await story.kubectl.apply(manifestOf('claimed', code(greeting('elsewhere'))));
    await story.untilReady('claimed', patience);
    expect((await story.request('claimed')).text).toBe('elsewhere');
    expect((await story.kubectl.json<KubeObject>('get', `deployment/${name}`)).metadata.labels).toBeUndefined();
  },
);
