import { describe, expect, it } from 'vitest';

import { FakeClock } from '../../lib/testing/fake-clock.ts';
import type { Probe } from './probe.ts';
import { startProbing } from './prober.ts';

const target = { endpoint: { host: '10.0.0.1', port: 8080 }, check: { kind: 'connect' }, firstDelayMs: 5 } as const;

function probing(probe: Probe): { readonly clock: FakeClock; readonly answers: number[]; readonly stop: () => void } {
  const clock = new FakeClock();
  const answers: number[] = [];
  const stop = startProbing({ clock, probe }, target, () => answers.push(clock.monotonic()));
  return { clock, answers, stop };
}

describe('probing', () => {
  it('finds a replica late by at most a fifth of its start', async () => {
    for (const startMs of [1, 30, 80, 250, 900]) {
      const { clock, answers } = probing(() => Promise.resolve(clock.monotonic() >= startMs));
      await clock.advance(5000);
      expect(answers).toHaveLength(1);
      expect(answers[0]).toBeLessThanOrEqual(startMs * 1.2 + 6);
      expect(clock.pending).toBe(0);
    }
  });

  it('asks every 200 ms at most, for as long as it takes', async () => {
    let probes = 0;
    const { clock, stop } = probing(() => Promise.resolve(++probes < 0));
    await clock.advance(60_000);
    const before = probes;
    await clock.advance(10_000);
    expect(probes - before).toBe(50);
    stop();
    expect(clock.pending).toBe(0);
  });

  it('gives an attempt up that gets no answer, and makes the next', async () => {
    let probes = 0;
    const { clock, answers } = probing((_endpoint, _check, signal) => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      signal.addEventListener('abort', () => {
        resolve(false);
      });
      return ++probes < 3 ? promise : Promise.resolve(true);
    });
    await clock.advance(1100);
    expect([probes, answers.length]).toEqual([3, 1]);
  });

  it('takes an attempt that throws for one without an answer', async () => {
    let probes = 0;
    const { clock, answers } = probing(() =>
      ++probes === 1 ? Promise.reject(new Error('bug')) : Promise.resolve(true),
    );
    await clock.advance(100);
    expect(answers).toHaveLength(1);
  });

  it('says nothing any more once it was stopped, even in the middle of an attempt', async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { clock, answers, stop } = probing(() => promise);
    await clock.advance(10);
    stop();
    resolve(true);
    await clock.advance(1000);
    expect([answers.length, clock.pending]).toEqual([0, 0]);
  });
});
