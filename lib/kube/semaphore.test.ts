import { expect, it } from 'vitest';
import { settle } from '../testing/fake-clock.ts';
import { Semaphore } from './semaphore.ts';

it('lets so many run at once, the others in order, and forgets who has left', async () => {
  const semaphore = new Semaphore(2);
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const run = (name: string, signal?: AbortSignal): Promise<void> =>
    semaphore.run(() => {
      begun.push(name);
      return new Promise((resolve, reject) => {
        ends.set(name, (error) => {
          if (error === undefined) {
            resolve();
          } else {
            reject(error);
          }
        });
      });
    }, signal);
  const leaving = new AbortController();
  const one = run('one');
  void run('two');
  const three = run('three', leaving.signal);
  void run('four');
  await settle();
  expect(begun).toEqual(['one', 'two']);
  leaving.abort(new Error('left'));
  await expect(three).rejects.toThrow('left');
  await expect(run('late', leaving.signal)).rejects.toThrow('left');
  ends.get('one')?.(new Error('failed'));
  await expect(one).rejects.toThrow('failed');
  await settle();
  expect(begun).toEqual(['one', 'two', 'four']);
  ends.get('two')?.();
  ends.get('four')?.();
  await settle();
  void run('five');
  void run('six');
  void run('seven');
  await settle();
  expect(begun).toEqual(['one', 'two', 'four', 'five', 'six']);
});
