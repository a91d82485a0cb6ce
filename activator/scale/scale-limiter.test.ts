import { expect, it } from 'vitest';

import { settle } from '../../lib/testing/fake-clock.ts';
import { type ScaleJob, ScaleLimiter } from './scale-limiter.ts';

/** Jobs that run until they are let go, and the order in which they started. */
function makeJobs(): {
  readonly started: string[];
  readonly job: (name: string) => ScaleJob;
  readonly endOne: () => Promise<void>;
} {
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const job = (name: string) => (): Promise<void> => {
    started.push(name);
    const { promise, resolve } = Promise.withResolvers<void>();
    ends.push(resolve);
    return promise;
  };
  const endOne = async (): Promise<void> => {
    ends.shift()?.();
    await settle();
  };
  return { started, job, endOne };
}

it('runs no more jobs at once than it may, and wakes overtake everything that waits', async () => {
  const { started, job, endOne } = makeJobs();
  const limiter = new ScaleLimiter(2);
  for (const name of ['down-1', 'down-2', 'down-3', 'down-4']) {
    limiter.submit(job(name), false);
  }
  limiter.submit(job('wake-1'), true);
  limiter.submit(job('wake-2'), true);
  expect(started).toEqual(['down-1', 'down-2']);
  for (let count = 0; count < 4; count++) {
    await endOne();
  }
  expect(started).toEqual(['down-1', 'down-2', 'wake-1', 'wake-2', 'down-3', 'down-4']);
});

it('queues a job once, moves it forward when it becomes urgent, and lets it be withdrawn', async () => {
  const { started, job, endOne } = makeJobs();
  const limiter = new ScaleLimiter(1);
  const [first, second, third] = [job('first'), job('second'), job('third')];
  limiter.submit(job('running'), false);
  limiter.submit(first, false);
  limiter.submit(second, false);
  limiter.submit(third, false);
  limiter.submit(second, true);
  limiter.submit(second, false);
  limiter.withdraw(first);
  for (let count = 0; count < 4; count++) {
    await endOne();
  }
  expect(started).toEqual(['running', 'second', 'third']);
});
