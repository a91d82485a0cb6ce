import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { endOnInterrupt } from './interrupt.ts';

/** What is done at signals, and at outputs that fail, which come after so many milliseconds each. */
async function interrupt(...signals: readonly (readonly [afterMs: number, signal: string])[]): Promise<string[]> {
  const outputs = { stdout: new EventEmitter(), stderr: new EventEmitter() };
  const process = Object.assign(new EventEmitter(), outputs);
  const clock = new FakeClock();
  const done: string[] = [];
  endOnInterrupt({ process, clock, end: () => done.push('end'), exit: () => done.push('exit') });
  for (const [afterMs, signal] of signals) {
    await clock.advance(afterMs);
    if (signal === 'stdout' || signal === 'stderr') {
      outputs[signal].emit('error', new Error('write EPIPE'));
    } else {
      process.emit(signal);
    }
  }
  return done;
}

it('the first signal ends in order, a later one at once', async () => {
  expect(await interrupt([0, 'SIGINT'])).toEqual(['end']);
  expect(await interrupt([0, 'SIGTERM'], [600, 'SIGTERM'])).toEqual(['end', 'exit']);
});

it('a signal that npm hands on is the one that the terminal sent already', async () => {
  expect(await interrupt([0, 'SIGINT'], [20, 'SIGINT'])).toEqual(['end']);
  expect(await interrupt([0, 'SIGINT'], [20, 'SIGINT'], [600, 'SIGINT'])).toEqual(['end', 'exit']);
});

it('a terminal that is closed ends in order', async () => {
  expect(await interrupt([0, 'SIGHUP'])).toEqual(['end']);
  expect(await interrupt([0, 'SIGHUP'], [1, 'stdout'], [600, 'stdout'])).toEqual(['end']);
});

it('an output that nobody reads any more ends in order, however often it fails', async () => {
  expect(await interrupt([0, 'stdout'], [1, 'stdout'], [600, 'stderr'])).toEqual(['end']);
  expect(await interrupt([0, 'stderr'], [600, 'SIGINT'])).toEqual(['end', 'exit']);
});
