import { describe, expect, it } from 'vitest';
import { compileSettings, defaultSettings } from './settings.ts';

describe('the settings of a function', () => {
  it('that says nothing are the defaults of the API, and one object for all such functions', () => {
    expect(defaultSettings).toEqual({
      scaling: {
        minReplicas: 0,
        maxReplicas: 100,
        activationReplicas: 1,
        metric: 'Concurrency',
        target: 100,
        targetUtilizationPercent: 70,
        windowMs: 60_000,
        panicWindowMs: 6000,
        panicThresholdPercent: 200,
        scaleDownDelayMs: 0,
        idleTimeoutMs: 30_000,
      },
      queue: { maxRequests: 1000, maxBytes: 64 * 1024 * 1024, maxWaitMs: 60_000 },
      timeouts: { requestMs: 300_000, firstByteMs: 0, idleMs: 0, drainMs: 30_000 },
    });
    expect(compileSettings({})).toBe(defaultSettings);
    expect(compileSettings({ scaling: { maxReplicas: 100, window: '1m' } })).toBe(defaultSettings);
  });

  const cases = [
    {
      name: 'a rate has its own target',
      spec: { scaling: { metric: 'RequestRate' } },
      want: { scaling: { target: 200 } },
    },
    {
      name: 'what is said wins',
      spec: { scaling: { metric: 'RequestRate', target: 5, window: '1m30s', minReplicas: 2, idleTimeout: '0s' } },
      want: { scaling: { target: 5, windowMs: 90_000, minReplicas: 2, idleTimeoutMs: 0 } },
    },
    {
      name: 'quantities and durations are converted',
      spec: { queue: { maxBytes: '1.5Ki', maxWait: '500ms' } },
      want: { queue: { maxBytes: 1536, maxWaitMs: 500, maxRequests: 1000 } },
    },
    { name: 'bytes may be a number', spec: { queue: { maxBytes: 1000 } }, want: { queue: { maxBytes: 1000 } } },
    {
      name: 'time-outs stand for themselves',
      spec: { timeouts: { request: '0s', firstByte: '10s', idle: '1h' } },
      want: { timeouts: { requestMs: 0, firstByteMs: 10_000, idleMs: 3_600_000, drainMs: 30_000 } },
    },
  ] as const;
  for (const { name, spec, want } of cases) {
    it(name, () => {
      expect(compileSettings(spec)).toMatchObject(want);
    });
  }

  it('that the schema would have refused are refused here as well', () => {
    expect(() => compileSettings({ scaling: { window: 'soon' } })).toThrow("'soon' is not a duration");
    expect(() => compileSettings({ queue: { maxBytes: 'plenty' } })).toThrow('is not a quantity');
  });
});
