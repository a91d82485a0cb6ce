import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeServerPhases, renderServerTiming, tryParseLoadMs } from './server-timing.ts';

describe('the phases of a cold answer', () => {
  it('are told in the order in which they passed, loading apart from starting', () => {
    const phases = makeServerPhases({ coldStart: { queue: 0.44, schedule: 14, start: 48.6 }, loadMs: 8.6, appMs: 2 });
    expect(renderServerTiming(phases)).toBe('queue;dur=0.4, schedule;dur=14, start;dur=40, load;dur=8.6, app;dur=2');
  });

  it('add up to the time to the first byte, whatever the runtime claims', () => {
    const ms = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(ms, ms, ms, ms, fc.option(ms, { nil: undefined }), (queue, schedule, start, appMs, loadMs) => {
        const phases = makeServerPhases({ coldStart: { queue, schedule, start }, loadMs, appMs });
        const sum = Object.values(phases).reduce((total, phase) => total + phase, 0);
        // Each of the five is rounded to a tenth.
        expect(Math.abs(sum - (queue + schedule + start + appMs))).toBeLessThan(0.26);
        expect(Math.min(...Object.values(phases))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  const loads = [
    { value: '12.5', want: 12.5 },
    { value: '0', want: 0 },
    { value: '', want: undefined },
    { value: '-1', want: undefined },
    { value: 'fast', want: undefined },
    { value: 'Infinity', want: undefined },
    { value: undefined, want: undefined },
  ];
  for (const { value, want } of loads) {
    it(`take ${value === undefined ? 'nothing' : `'${value}'`} as ${String(want)} ms of loading`, () => {
      expect(tryParseLoadMs(value)).toBe(want);
    });
  }
});
