import { describe, expect, it } from 'vitest';
import { type CrashMemory, decideRestart, formatPause } from './crash-backoff.ts';

describe('the pause before a restart', () => {
  function pauses(livedMs: readonly number[]): string[] {
    let memory: CrashMemory | undefined;
    let now = 0;
    return livedMs.map((ms) => {
      now += ms;
      const decision = decideRestart(memory, now);
      memory = decision.memory;
      now += decision.pauseMs;
      return formatPause(decision.pauseMs);
    });
  }

  it('is none, then 10 s, doubled to 5 min', () => {
    expect(pauses(Array<number>(9).fill(100))).toEqual([
      '0s',
      '10s',
      '20s',
      '40s',
      '1m20s',
      '2m40s',
      '5m0s',
      '5m0s',
      '5m0s',
    ]);
  });

  it('is none again after 10 minutes without a crash', () => {
    expect(pauses([100, 100, 100, 600_001, 100])).toEqual(['0s', '10s', '20s', '0s', '10s']);
  });

  it('goes on growing after less than that', () => {
    expect(pauses([100, 100, 100, 500_000])).toEqual(['0s', '10s', '20s', '40s']);
  });
});
