import { describe, expect, it } from 'vitest';
import { callHandler } from './callback.ts';
import type { AnyHandler } from './callback.ts';

type Callback = (error: unknown, result?: unknown) => void;
const withCallback = (handler: (value: unknown, callback: Callback) => unknown): AnyHandler => handler as AnyHandler;

describe('callHandler', () => {
  it('takes what a handler returns that declares no callback, a promise or not', async () => {
    expect(await callHandler((value) => value, [1])).toBe(1);
    expect(await callHandler((value) => Promise.resolve(value), [1])).toBe(1);
    expect(await callHandler((...values) => values.length, [1])).toBe(1);
  });

  it('waits for the callback of a handler that declares one, and ignores what it returns', async () => {
    const handler = withCallback((value, callback) => {
      setImmediate(() => {
        callback(null, value);
      });
      return 'ignored';
    });
    expect(await callHandler(handler, [1])).toBe(1);
  });

  it('takes the promise of one that also declares a callback', async () => {
    expect(
      await callHandler(
        withCallback(async (value, _callback) => Promise.resolve(value)),
        [1],
      ),
    ).toBe(1);
  });

  it.each([
    { told: new TypeError('broken'), want: 'broken' },
    { told: 'text', want: 'text' },
    { told: { code: 7 }, want: '{ code: 7 }' },
  ])('fails with the error that the callback is told: $told', async ({ told, want }) => {
    const handler = withCallback((_value, callback) => {
      callback(told);
    });
    await expect(callHandler(handler, [1])).rejects.toThrow(want);
  });

  it('fails with what the handler throws', async () => {
    const handler = withCallback((_value, _callback) => {
      throw new Error('thrown');
    });
    await expect(callHandler(handler, [1])).rejects.toThrow('thrown');
  });
});
