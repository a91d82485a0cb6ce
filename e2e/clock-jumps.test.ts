import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { currentTarget, localIt } from './framework/current-target.ts';
import { type LocalFlint, startLocalFlint } from './framework/local-target.ts';
import { functionManifest, greeting, slowCode } from './framework/manifest.ts';
import { eventually, pause } from './framework/patience.ts';
import { Steps } from './framework/steps.ts';
import { setComponentEnv } from './framework/target.ts';
import { Traffic } from './framework/traffic.ts';

/**
 * The time of day of operator and activator jumps, as when a machine wakes or NTP sets it right; everything else keeps its own.
 * What lasts a while must be measured by a clock that does not jump.
 */

const system = '--namespace=flint-system';
/** Ticks of the autoscaler and of the lease, several of each. */
const lookMs = 8000;
let flint: LocalFlint;
let story: Steps;
let folder: string;

/** Loaded into a process before anything else: its `Date` is ahead by what a file says, in milliseconds. */
const jumpingDate = `
import { readFileSync } from 'node:fs';
const RealDate = Date;
let aheadMs = 0;
const read = () => { aheadMs = Number(readFileSync(process.env.CLOCK_AHEAD_FILE, 'utf8')); };
read();
setInterval(read, 100).unref();
globalThis.Date = class Date extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + aheadMs] : args));
  }
  static now() {
    return RealDate.now() + aheadMs;
  }
};
`;

function setAhead(ms: number): Promise<void> {
  return writeFile(join(folder, 'ahead'), String(ms));
}

async function componentUids(): Promise<string[]> {
  const uids = await story.kubectl.run('get', 'pods', system, '--output=jsonpath={.items[*].metadata.uid}');
  return uids.split(' ').sort();
}

beforeAll(async () => {
  if (currentTarget?.kind !== 'local') {
    return;
  }
  folder = await mkdtemp(join(tmpdir(), 'flint-clock-'));
  await writeFile(join(folder, 'jumping-date.mjs'), jumpingDate);
  await setAhead(0);
  flint = await startLocalFlint();
  story = new Steps(flint.target, 'default');
  await setComponentEnv(flint.target, {
    NODE_OPTIONS: `--import=${join(folder, 'jumping-date.mjs')}`,
    CLOCK_AHEAD_FILE: join(folder, 'ahead'),
  });
  await story.kubectl.apply(functionManifest('kept', greeting('kept'), { scaling: { idleTimeout: '10m' } }));
  await story.kubectl.apply(functionManifest('busy', slowCode, { scaling: { idleTimeout: '10m' } }));
  await story.untilReady('kept');
  await story.untilReady('busy');
});

afterAll(async () => {
  if (currentTarget?.kind === 'local') {
    await flint.stop();
    await rm(folder, { recursive: true });
  }
});

/** The time of day that the activator writes into its log. */
async function activatorAheadMs(): Promise<number> {
  await story.request('busy');
  const lines = await story.kubectl.run('logs', 'deployment/flint-activator', '--tail=1', system);
  return Date.parse((JSON.parse(lines) as { time: string }).time) - systemClock.now();
}

const hourMs = 3_600_000;

describe.each([
  { jump: 'an hour ahead', aheadMs: hourMs },
  { jump: 'two hours back', aheadMs: -hourMs },
])('a time of day that jumps $jump', ({ jump, aheadMs }) => {
  localIt('takes nothing away too early or too late, fails no request and stops nobody', async () => {
    const components = await componentUids();
    const [kept, busy] = [await story.podUids('kept'), await story.podUids('busy')];
    await story.kubectl.apply(functionManifest('brief', greeting(`before ${jump}`)));
    await story.untilReady('brief');
    const traffic = new Traffic(story, 'busy');
    await setAhead(aheadMs);
    await eventually('the activator has the other time', async () =>
      Math.abs((await activatorAheadMs()) - aheadMs) < hourMs / 2 ? true : undefined,
    );
    await pause(lookMs);
    expect(await story.podUids('kept')).toEqual(kept);
    expect(await story.podUids('busy')).toEqual(busy);
    await story.untilZero('brief');
    await story.kubectl.apply(functionManifest('brief', greeting(`after ${jump}`)));
    await story.untilReady('brief');
    await story.untilAnswers('brief', `after ${jump}`);
    const { requests, failures } = await traffic.stop();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(100);
    expect(await componentUids()).toEqual(components);
  });
});
