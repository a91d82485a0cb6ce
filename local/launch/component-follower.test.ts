import { expect, it } from 'vitest';
import type { WatchEvent } from '../../lib/kube/client.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { silentLogger } from '../../lib/log.ts';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { ComponentFollower } from './component-follower.ts';

type Status = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

function makePod(status: Partial<Status>, deletionTimestamp?: string): Pod {
  const containerStatus = { name: 'operator', image: '', imageID: '', ready: true, restartCount: 0, ...status };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'flint-operator-1',
      namespace: 'flint-system',
      uid: '1',
      labels: { 'app.kubernetes.io/component': 'operator' },
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: { containers: [{ name: 'operator' }] },
    status: { containerStatuses: [containerStatus] },
  };
}

const running = { state: { running: {} } };
const died = (exitCode: number, containerID: string): Pick<Status, 'lastState'> => ({
  lastState: { terminated: { exitCode, containerID } },
});

/** What is told while the Pod goes through `states`; each run prints two lines, cut in the middle. */
async function follow(states: readonly Pod[], refusal?: Error): Promise<string[]> {
  const told: string[] = [];
  let runs = 0;
  const stop = new AbortController();
  const follower = new ComponentFollower({
    clock: new FakeClock(),
    random: () => 0.5,
    log: { ...silentLogger, warn: (message) => told.push(`warning: ${message}`) },
    client: {
      async *list() {
        await Promise.resolve();
        yield { items: [], resourceVersion: '1' };
      },
      async *watch<T>(): AsyncGenerator<WatchEvent<T>> {
        yield { type: 'BOOKMARK', resourceVersion: '1', initialEventsEnd: true };
        for (const object of states) {
          yield { type: 'MODIFIED', object: object as T };
          await new Promise(setImmediate);
        }
        stop.abort();
      },
    },
    logs: {
      async *open() {
        runs += 1;
        await Promise.resolve();
        if (refusal !== undefined) {
          throw refusal;
        }
        for (const chunk of [`run ${runs}`, ' begins\nand', ' goes on\n']) {
          yield Buffer.from(chunk);
        }
      },
    },
    onLine: (component, line) => told.push(`${component}: ${line}`),
    onCrash: (component, { pod, how }) => told.push(`${component} in ${pod} ended: ${how}`),
  });
  await follower.run(stop.signal);
  return told;
}

it('tells every line of a run once, however often its Pod changes', async () => {
  expect(await follow([makePod({}), makePod(running), makePod(running)])).toEqual([
    'operator: run 1 begins',
    'operator: and goes on',
  ]);
});

it('tells an end that nobody asked for, once, and the lines of the run after it', async () => {
  const restarted = makePod({ ...running, restartCount: 1, ...died(1, 'process://7') });
  expect(await follow([makePod(running), restarted, restarted])).toEqual([
    'operator: run 1 begins',
    'operator: and goes on',
    'operator in flint-operator-1 ended: exit code 1',
    'operator: run 2 begins',
    'operator: and goes on',
  ]);
});

it('names the signal that ended it', async () => {
  expect(await follow([makePod(died(137, 'process://8'))])).toEqual(['operator in flint-operator-1 ended: signal 9']);
});

it('tells what a Pod that is deleted said, and nothing of its end', async () => {
  const end = { state: { terminated: { exitCode: 0, containerID: 'process://9' } } };
  expect(await follow([makePod(end, '2026-01-01T00:00:00Z')])).toEqual([
    'operator: run 1 begins',
    'operator: and goes on',
  ]);
});

it('warns of a log that it cannot read, but not of one that is not there yet', async () => {
  const notYet = new StatusError({ code: 400, reason: 'BadRequest', message: 'is waiting to start' });
  expect(await follow([makePod(running)], notYet)).toEqual([]);
  expect(await follow([makePod(running)], new Error('disk'))).toEqual(['warning: log not followed']);
});
