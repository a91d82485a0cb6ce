import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { configMaps } from '../../lib/kube/resources.ts';
import { readSimulationConfig } from './config.ts';
import { aConfigMap, inline, user } from './manifests.ts';
import { Simulation, type Spec } from './simulation.ts';
import { anyCommand, type Command, functionNames } from './simulation-commands.ts';

/**
 * Whatever happens, in whatever order: once it is over, all is as if only the last spec had ever been applied. More runs:
 * `SIMULATION_RUNS=1000`; a failure again: `SIMULATION_SEED=…`. A sequence that failed goes into `simulation-failures.json` for good.
 */

const { runs, seed, longestMs } = readSimulationConfig();
const restMs = 900_000;

const specs: readonly Spec[] = [
  inline('one'),
  { ...inline('two'), revisionHistoryLimit: 1 },
  { ...inline('one'), env: [{ name: 'A', value: 'b' }] },
  { source: { configMap: { name: 'code' } } },
  { source: { image: 'registry.example/hello:1' } },
  { ...inline('one'), podTemplate: { spec: { hostNetwork: true } } },
  { ...inline('three'), paused: true },
];

interface Outcome {
  readonly outcomes: readonly unknown[];
  readonly strangers: readonly KubeObject[];
}

/** Two objects that are nobody's, one of them in the way of a Revision's code. */
async function addStrangers({ world }: Simulation): Promise<readonly KubeObject[]> {
  await world.client.create(configMaps, aConfigMap({ 'index.mjs': '1' }), user);
  return [await world.client.create(configMaps, aConfigMap({ 'index.mjs': '2' }, 'hello-by-hand'), user)];
}

async function outcomesOf(simulation: Simulation): Promise<readonly unknown[]> {
  return Promise.all(functionNames.map((name) => simulation.outcomeOf(name)));
}

const clean = new Map<string, Promise<Outcome['outcomes']>>();

/** How it ends when nothing happens but that the last specs are applied. */
function cleanOutcomes(wanted: ReadonlyMap<string, Spec>): Promise<readonly unknown[]> {
  const applied = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
  const key = JSON.stringify(applied);
  const known = clean.get(key) ?? runClean(applied);
  clean.set(key, known);
  return known;
}

async function runClean(applied: readonly (readonly [string, Spec])[]): Promise<readonly unknown[]> {
  const simulation = await Simulation.start(applied.map(([, spec]) => spec));
  await addStrangers(simulation);
  await simulation.run(applied.map(([fn], spec) => ({ do: 'apply', fn, spec })));
  await simulation.heal();
  const outcomes = await outcomesOf(simulation);
  await simulation.end();
  return outcomes;
}

let idleTimers: number | undefined;

/** Timers of two operators that have nothing to do. */
async function timersWhenIdle(): Promise<number> {
  const simulation = await Simulation.start([]);
  await simulation.heal();
  const { pending } = simulation.world.clock;
  await simulation.end();
  return pending;
}

async function holdsAfter(commands: readonly Command[]): Promise<void> {
  idleTimers ??= await timersWhenIdle();
  const simulation = await Simulation.start(specs);
  try {
    const strangers = await addStrangers(simulation);
    await simulation.run(commands);
    await simulation.heal();
    const written = simulation.writes.length;
    await simulation.world.clock.advance(restMs);
    await simulation.replaceOperators();
    expect(simulation.writes.slice(written), 'I1: nothing is written once all is settled').toEqual([]);
    expect(await outcomesOf(simulation), 'I2: the children are a function of the spec').toEqual(
      await cleanOutcomes(simulation.wanted),
    );
    expect(simulation.trespasses, 'I3: nothing is deleted that is not ours by uid').toEqual([]);
    expect(simulation.regressions, 'I2: no status goes back to an older generation').toEqual([]);
    for (const stranger of strangers) {
      const now = await simulation.world.client.get(configMaps, stranger.metadata);
      expect(now, 'I3: nothing is adopted that is not ours by uid').toEqual(stranger);
    }
    expect(simulation.world.clock.pending, 'I7: no function has a timer').toBe(idleTimers);
  } finally {
    await simulation.end();
  }
}

it(`I1, I2, I3, I7 hold after whatever happened (seed ${seed})`, { timeout: 120_000 + runs * 5000 }, async () => {
  await fc.assert(fc.asyncProperty(fc.array(anyCommand(specs.length), { maxLength: 25, size: 'max' }), holdsAfter), {
    numRuns: runs,
    seed,
    ...(longestMs === undefined ? {} : { interruptAfterTimeLimit: longestMs }),
  });
});

interface Failure {
  /** What was wrong. */
  readonly why: string;
  readonly seed: number;
  readonly commands: readonly Command[];
}

const failures = JSON.parse(
  readFileSync(join(import.meta.dirname, 'simulation-failures.json'), 'utf8'),
) as readonly Failure[];

it.each(failures)('I1, I2, I3, I7 hold where they once did not: $why (seed $seed)', ({ commands }) =>
  holdsAfter(commands),
);
