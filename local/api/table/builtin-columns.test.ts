import { expect, it } from 'vitest';
import type { Pod } from '../../../lib/kube/objects.ts';
import { pod } from './builtin-columns.ts';
import { makeTable } from './table.ts';

type Status = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

/** Of each container how often it was restarted, and when its last run ended. */
function restartsOf(...containers: readonly (readonly [restartCount: number, finishedAt?: string])[]): unknown {
  const containerStatuses = containers.map(([restartCount, finishedAt], index): Status => {
    const lastState = finishedAt === undefined ? {} : { terminated: { exitCode: 1, finishedAt } };
    return { name: `c${index}`, image: '', imageID: '', ready: true, restartCount, lastState };
  });
  const object: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [] },
    status: { containerStatuses },
  };
  const now = Date.parse('2026-01-01T00:10:00Z');
  const table = makeTable([object], pod, { now, resourceVersion: '1', includeObject: 'None', withColumns: true });
  const { columnDefinitions, rows } = table as { columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] };
  return rows[0]?.cells[columnDefinitions.findIndex(({ name }) => name === 'Restarts')];
}

it('restarts of a Pod are counted over its containers, with the time since the last', () => {
  expect(restartsOf([0], [0])).toBe('0');
  expect(restartsOf([2, '2026-01-01T00:09:00Z'], [1, '2026-01-01T00:05:00Z'])).toBe('3 (60s ago)');
  expect(restartsOf([1])).toBe('1');
});
