import { expect, it } from 'vitest';
import { ChangeSignal } from './change-signal.ts';

it('wakes all who wait for the next change, and none who waits for the one after it', async () => {
  const signal = new ChangeSignal();
  const woken: string[] = [];
  const wait = (name: string): void => void signal.next.then(() => woken.push(name));
  wait('a');
  wait('b');
  signal.notify();
  wait('late');
  await new Promise(setImmediate);
  expect(woken).toEqual(['a', 'b']);
  signal.notify();
  await new Promise(setImmediate);
  expect(woken).toEqual(['a', 'b', 'late']);
});
