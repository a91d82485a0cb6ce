import { expect, it } from 'vitest';
import { runAll, untilAborted } from './lifecycle.ts';

const never = new Promise<never>(() => undefined);

it('waiting ends with the promise, with the signal, and at once when the signal came first', async () => {
  await untilAborted(Promise.resolve(), new AbortController().signal);
  const stop = new AbortController();
  const waiting = untilAborted(never, stop.signal);
  stop.abort();
  await waiting;
  await untilAborted(never, stop.signal);
});

it('a rejection that somebody waits for is thrown', async () => {
  const waiting = untilAborted(Promise.reject(new Error('no')), new AbortController().signal);
  await expect(waiting).rejects.toThrow('no');
});

it('the first part that fails stops the others, and its failure is thrown once they have drained', async () => {
  const ended: string[] = [];
  const patient = {
    name: 'patient',
    run: async (signal: AbortSignal): Promise<void> => {
      await untilAborted(never, signal);
      ended.push('patient');
    },
  };
  const broken = { name: 'broken', run: () => Promise.reject(new Error('it broke')) };
  await expect(runAll([patient, broken], new AbortController().signal)).rejects.toThrow('it broke');
  expect(ended).toEqual(['patient']);
});

it('a part that ends although nobody stopped it is a failure', async () => {
  const brief = { name: 'brief', run: () => Promise.resolve() };
  await expect(runAll([brief], new AbortController().signal)).rejects.toThrow('brief ended although nobody stopped it');
});

it('parts that a signal stops end without a failure', async () => {
  const stop = new AbortController();
  const running = runAll([{ name: 'part', run: (signal) => untilAborted(never, signal) }], stop.signal);
  stop.abort();
  await running;
});
