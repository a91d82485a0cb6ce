import { describe, expect, it } from 'vitest';
import type { FunctionStatus } from '../../../lib/api/function.ts';
import { aCondition } from '../../testing/builders.ts';
import { decideEvents } from './events.ts';

const working: FunctionStatus = {
  latestCreatedRevision: 'hello-1',
  latestReadyRevision: 'hello-1',
  conditions: [aCondition('Ready'), aCondition('RevisionReady'), aCondition('Routed')],
};

function failed(message: string, status: FunctionStatus = working): FunctionStatus {
  const failure = { status: 'False', reason: 'CodeDidNotLoad', message } as const;
  return { ...status, conditions: [aCondition('Ready', failure), aCondition('RevisionReady', failure)] };
}

const second: FunctionStatus = { ...working, latestCreatedRevision: 'hello-2' };

describe('what is told', () => {
  const cases: readonly { name: string; before: FunctionStatus | undefined; after: FunctionStatus; want: string[] }[] =
    [
      { name: 'of a step that changes nothing is nothing', before: working, after: working, want: [] },
      {
        name: 'of a first Revision is that it was made',
        before: { observedGeneration: -1 },
        after: { latestCreatedRevision: 'hello-1', conditions: [] },
        want: ['RevisionCreated: the latest revision is hello-1'],
      },
      {
        name: 'of a Revision that became ready is where requests go',
        before: second,
        after: { ...second, latestReadyRevision: 'hello-2' },
        want: ['RevisionReady: requests go to revision hello-2'],
      },
      {
        name: 'of a rollback, which is ready in the same moment, is both',
        before: working,
        after: { ...working, latestCreatedRevision: 'hello-0', latestReadyRevision: 'hello-0' },
        want: ['RevisionCreated: the latest revision is hello-0', 'RevisionReady: requests go to revision hello-0'],
      },
      {
        name: 'of traffic that falls back to an older one is nothing about the latest',
        before: second,
        after: { ...second, latestReadyRevision: 'hello-0' },
        want: [],
      },
      {
        name: 'of a failure is its cause, once for all the conditions that show it',
        before: second,
        after: failed('line 1', second),
        want: ['CodeDidNotLoad: line 1'],
      },
      {
        name: 'of the same failure in other words is nothing',
        before: failed('line 1'),
        after: failed('line 2'),
        want: [],
      },
      {
        name: 'of the same failure of the next Revision is its cause again',
        before: failed('line 1'),
        after: failed('line 2', second),
        want: ['RevisionCreated: the latest revision is hello-2', 'CodeDidNotLoad: line 2'],
      },
      {
        name: 'of waiting is nothing',
        before: working,
        after: { ...working, conditions: [aCondition('RevisionReady', { status: 'Unknown', reason: 'Starting' })] },
        want: [],
      },
    ];
  it.each(cases)('$name', ({ before, after, want }) => {
    expect(decideEvents(before, after).map(({ reason, note }) => `${reason}: ${note}`)).toEqual(want);
  });
});
