import { load } from 'js-yaml';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findCondition, isTrue } from '../lib/api/conditions.ts';
import type { FunctionObject, FunctionSpec } from '../lib/api/function.ts';
import type { Runtime } from '../lib/api/runtime.ts';
import type { Condition, Deployment, KubeObject, Pod } from '../lib/kube/objects.ts';
import { errorMessage } from '../lib/errors.ts';
import { currentTarget } from './framework/current-target.ts';
import { functionManifest, greeting } from './framework/manifest.ts';
import { eventually, patienceMs } from './framework/patience.ts';
import { code, good, type Row, rows } from './framework/reason-rows.ts';
import { tellStories } from './framework/story.ts';

/** Every reason why a function cannot run: what brings it about, where it is told, and what mends it. */

const story = tellStories();

/** A kubelet tries a missing Secret again after a minute, a crashed container after up to five, a quota after some more. */
const patience = { withinMs: currentTarget?.kind === 'local' ? patienceMs : 180_000 };
const options = { timeout: 3 * patience.withinMs };

/** A Runtime belongs to no namespace. */
const lateRuntime = `late-${story.namespace}`;

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

/** A quota is no obstacle before its controller has seen it: then it refuses a Pod that states nothing. */
async function untilCounted({ kind }: KubeObject): Promise<void> {
  if (kind !== 'ResourceQuota') {
    return;
  }
  const spec = { containers: [{ name: 'c', image: 'stranger.invalid/none' }] };
  const pod = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'tried' }, spec });
  await eventually('the quota counts', async () => {
    const refusal = await story.kubectl.apply(pod, '--dry-run=server').then(
      () => undefined,
      (error: unknown) => errorMessage(error),
    );
    return refusal?.includes('quota') === true ? true : undefined;
  });
}

/** At once, without waiting for a replica. The activator hears of it a moment after kubectl. */
async function untilRequestsAreTold(name: string, reason: string): Promise<void> {
  await eventually(`a request is told ${reason}`, async () => {
    const { status, flintError, text } = await story.request(name);
    expect([status, flintError]).toEqual([503, 'ColdStartFailed']);
    return text.includes(reason) ? true : undefined;
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
    it(`${row.reason}: ${row.title}, is told everywhere, and gone when it is mended`, options, async () => {
      const name = row.condition === 'Routed' ? (row.obstacle?.metadata.name ?? '') : `broken-${index}`;
      for (const object of [row.present, row.obstacle].filter((one) => one !== undefined)) {
        await apply(object);
        await untilCounted(object);
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
        await untilRequestsAreTold(name, reason);
      }
      await mend(name, row);
      await story.untilAnswers(name, 'mended');
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
    await story.untilAnswers('early', 'mended');
    await story.kubectl.run('delete', 'function/early', '--wait=false');
  });
});

/** Nobody waits ten minutes in a test: while the operator looks away, the deadline is made to be over. */
async function passDeadline(name: string): Promise<void> {
  const pause = (paused: boolean): Promise<string> =>
    story.kubectl.run('patch', `function/${name}`, '--type=merge', `--patch=${JSON.stringify({ spec: { paused } })}`);
  await pause(true);
  const revision = (await story.function(name)).status?.latestCreatedRevision ?? '';
  await eventually(
    'the Deployment has no time left',
    async () => {
      // Again, should the operator not have heard yet that it has to look away.
      await story.kubectl.run('patch', `deployment/${revision}`, '--patch={"spec":{"progressDeadlineSeconds":1}}');
      const { status } = await story.kubectl.json<Deployment>('get', `deployment/${revision}`);
      const progress = status?.conditions?.find(({ type }) => type === 'Progressing');
      return progress?.reason === 'ProgressDeadlineExceeded' ? true : undefined;
    },
    { everyMs: 500, ...patience },
  );
  await pause(false);
}

it(
  'ProgressDeadlineExceeded: a container that runs and never answers is told when its time is over',
  options,
  async () => {
    const row = {
      reason: 'ProgressDeadlineExceeded',
      says: /the container runs, but its probes did not succeed within 10 minutes/u,
    } as Row;
    const handler = "export default () => new Response('', { status: 503 });";
    const probe = { httpGet: { path: '/', port: 8080 } };
    await story.kubectl.apply(manifestOf('mute', { ...code(handler), readinessProbe: probe }));
    await eventually(
      'its container runs',
      async () => {
        const { items } = await story.kubectl.json<{ items: Pod[] }>(
          'get',
          'pods',
          '--selector=flint.dev/function=mute',
        );
        return items.some(({ status }) => status?.containerStatuses?.[0]?.state?.running) ? true : undefined;
      },
      patience,
    );
    await passDeadline('mute');
    const conditions = await untilTold('mute', row);
    expect(findCondition(conditions, 'Reconciling')).toMatchObject({ status: 'True', reason: row.reason });
    await untilEvent('mute', row);
    await untilRequestsAreTold('mute', row.reason);
    await story.kubectl.apply(manifestOf('mute', {}));
    await story.untilReady('mute', patience);
    await story.untilAnswers('mute', 'mended');
    await story.kubectl.run('delete', 'function/mute', '--wait=false');
  },
);

describe('a function with one mistake after another', () => {
  const mistakes = rows.filter(({ obstacle, missing }) => obstacle === undefined && missing === undefined);

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
    await story.untilAnswers('hasty', 'mended');
    await eventually(
      'what never ran is gone',
      async () => {
        const own = (await story.objects('revisions')).filter(({ metadata }) => metadata.name.startsWith('hasty-'));
        return own.length === 1 ? true : undefined;
      },
      patience,
    );
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
    await story.untilAnswers('claimed', 'elsewhere');
    expect((await story.kubectl.json<KubeObject>('get', `deployment/${name}`)).metadata.labels).toBeUndefined();
  },
);
