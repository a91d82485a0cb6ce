import type { FunctionObject } from '../../lib/api/function.ts';
import { findCondition, isTrue } from '../../lib/api/conditions.ts';
import { labels } from '../../lib/api/names.ts';
import { apiVersion, functions } from '../../lib/api/resources.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { listAll } from '../../lib/kube/list-all.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { pods } from '../../lib/kube/resources.ts';
import { type DemoAnswer, describePhases } from './answer.ts';

/** What the demo needs of a running Flint. */
export interface DemoFlint {
  readonly client: Pick<KubeClient, 'apply' | 'get' | 'list'>;
  readonly clock: Clock;
  /** One request to the function. */
  readonly call: () => Promise<DemoAnswer>;
  readonly say: (line: string) => void;
}

const name = 'greeter';
const namespace = 'default';
const patienceMs = 20_000;
const lookEveryMs = 25;

/** Tells the whole life of one function. @throws Error when a step does not come about. */
export async function tell(flint: DemoFlint): Promise<void> {
  await startFromZero(flint);
  const first = await changeTheCode(flint);
  await breakTheCode(flint, first);
  await rest(flint);
}

async function startFromZero(flint: DemoFlint): Promise<void> {
  flint.say('1. A function is applied. It proves that it starts, and goes to zero while nobody calls it.');
  await applyCode(flint, greet('hello from zero'));
  await until(flint, 'the function is Ready', async () => ((await isReady(flint)) ? true : undefined));
  await untilZero(flint);
  flint.say('   0 replicas. Now the first request:');
  const cold = await flint.call();
  expectText(cold, 'hello from zero');
  flint.say(`   ${cold.text.trim()}   (${Math.round(cold.durationMs)} ms: ${describePhases(cold.phases)})`);
  const warm = await flint.call();
  flint.say(`   and the second: ${warm.durationMs.toFixed(1)} ms`);
}

async function changeTheCode(flint: DemoFlint): Promise<string> {
  flint.say('2. The code is edited. A new Revision starts beside the old one and takes over when it is ready.');
  const before = await read(flint);
  await applyCode(flint, greet('hello again'));
  await until(flint, 'the new code answers', async () =>
    (await flint.call()).text.includes('again') ? true : undefined,
  );
  const after = await until(flint, 'traffic moved', async () => {
    const fn = await read(flint);
    return serving(fn) === serving(before) ? undefined : fn;
  });
  flint.say(`   ${serving(before)} → ${serving(after)}`);
  return serving(after);
}

async function breakTheCode(flint: DemoFlint, good: string): Promise<void> {
  flint.say('3. The next edit does not even parse. It is reported, and takes no traffic.');
  await applyCode(flint, 'export default () => new Response("oops" };\n');
  const condition = await until(flint, 'the failure is reported', async () => {
    const found = findCondition((await read(flint)).status?.conditions, 'RevisionReady');
    return found?.status === 'False' ? found : undefined;
  });
  flint.say(`   ${condition.reason}: ${condition.message}`);
  const answer = await flint.call();
  expectText(answer, 'hello again');
  if (serving(await read(flint)) !== good) {
    throw new Error('a broken Revision took traffic');
  }
  flint.say(`   meanwhile ${good} answers: ${answer.text.trim()}`);
}

async function rest(flint: DemoFlint): Promise<void> {
  flint.say('4. The old code is applied again: the same content is the same Revision. Then nobody calls any more.');
  await applyCode(flint, greet('hello again'));
  await until(flint, 'the function is Ready again', async () => ((await isReady(flint)) ? true : undefined));
  await untilZero(flint);
  flint.say('   back at 0 replicas. That is all.');
}

function greet(text: string): string {
  return `export default () => new Response(${JSON.stringify(`${text}\n`)});\n`;
}

async function applyCode(flint: DemoFlint, code: string): Promise<void> {
  const object: KubeObject & Pick<FunctionObject, 'spec'> = {
    apiVersion,
    kind: 'Function',
    metadata: { name, namespace },
    spec: { runtime: 'nodejs', source: { inline: code }, scaling: { idleTimeout: '1s', window: '6s' } },
  };
  await flint.client.apply(functions, object, { fieldManager: 'flint-demo' });
}

function read(flint: DemoFlint): Promise<FunctionObject> {
  return flint.client.get(functions, { namespace, name });
}

function serving(fn: FunctionObject): string {
  return fn.status?.traffic?.[0]?.revisionName ?? 'none';
}

async function isReady(flint: DemoFlint): Promise<boolean> {
  const fn = await read(flint);
  return fn.status?.observedGeneration === fn.metadata.generation && isTrue(fn.status?.conditions, 'Ready');
}

async function untilZero(flint: DemoFlint): Promise<void> {
  await until(flint, 'no replica is left', async () => {
    const found = await listAll(flint.client, pods, { namespace, labelSelector: `${labels.function}=${name}` });
    return found.length === 0 ? true : undefined;
  });
}

function expectText(answer: DemoAnswer, wanted: string): void {
  if (answer.status !== 200 || !answer.text.includes(wanted)) {
    throw new Error(`expected '${wanted}', got ${answer.status}: ${answer.text}`);
  }
}

async function until<T>(flint: DemoFlint, what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = flint.clock.monotonic() + patienceMs;
  while (flint.clock.monotonic() < deadline) {
    const value = await probe();
    if (value !== undefined) {
      return value;
    }
    await flint.clock.sleep(lookEveryMs);
  }
  throw new Error(`waited ${patienceMs / 1000} s in vain: ${what}`);
}
