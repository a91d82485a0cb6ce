import { expect, it } from 'vitest';
import type { FunctionObject } from '../../lib/api/function.ts';
import type { Condition } from '../../lib/kube/objects.ts';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { untilFunctionSettled } from './readiness.ts';

type Told = readonly [type: string, status: Condition['status']];

/** Whether the wait is over after each of the steps: what the status says from then on, and for how many milliseconds. */
async function settle(...steps: readonly (readonly [told: Told, forMs: number])[]): Promise<boolean[]> {
  const clock = new FakeClock();
  const stop = new AbortController();
  let conditions: Condition[] = [];
  const get = (): Promise<unknown> => Promise.resolve({ status: { conditions } } as FunctionObject);
  const client = { get: get as <T>() => Promise<T> };
  let isSettled = false;
  const wait = untilFunctionSettled(client, { name: 'hello' }, { clock, signal: stop.signal }).then(
    () => (isSettled = true),
    () => false,
  );
  const after: boolean[] = [];
  for (const [[type, status], forMs] of steps) {
    conditions = [{ type, status, reason: 'Any', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }];
    await clock.advance(forMs);
    after.push(isSettled);
  }
  stop.abort(new Error('enough'));
  await wait;
  return after;
}

it('a Function is settled as soon as it is Ready or Stalled', async () => {
  expect(await settle([['Ready', 'Unknown'], 60_000], [['Ready', 'True'], 20])).toEqual([false, true]);
  expect(await settle([['Stalled', 'True'], 20])).toEqual([true]);
});

it('a Function that is not Ready is settled once that has stood for two seconds', async () => {
  expect(await settle([['Ready', 'False'], 1500], [['Ready', 'False'], 600])).toEqual([false, true]);
  expect(await settle([['Ready', 'False'], 1500], [['Ready', 'Unknown'], 1500], [['Ready', 'False'], 1500])).toEqual([
    false,
    false,
    false,
  ]);
});
