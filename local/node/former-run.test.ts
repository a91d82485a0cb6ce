import { describe, expect, it } from 'vitest';
import type { Pod } from '../../lib/kube/objects.ts';
import { readFormerRuns } from './former-run.ts';

const now = Date.parse('2026-01-01T01:00:00Z');

function aPod(status: unknown): Pod {
  const spec = { containers: [{ name: 'main' }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec, status: status as Pod['status'] & object };
}

function ended(exitCode: number): object {
  return {
    terminated: {
      exitCode,
      reason: 'Error',
      message: 'it broke',
      startedAt: '2026-01-01T00:00:00Z',
      finishedAt: '2026-01-01T00:00:01Z',
      containerID: 'process://1',
    },
  };
}

describe('what a pod ran before its node went down', () => {
  it('is nothing when it never ran', () => {
    const waiting = { name: 'main', restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } };
    expect([
      ...readFormerRuns(aPod(undefined), now),
      ...readFormerRuns(aPod({ containerStatuses: [waiting] }), now),
    ]).toEqual([]);
  });

  it('has ended with it, nobody knows how, and starts once more', () => {
    const state = { running: { startedAt: '2026-01-01T00:00:00Z' } };
    const status = { containerStatuses: [{ name: 'main', restartCount: 2, state, containerID: 'process://7' }] };
    expect(readFormerRuns(aPod(status), now).get('main')).toEqual({
      restartCount: 3,
      exit: {
        exitCode: 255,
        reason: 'Unknown',
        message: '',
        startedAt: Date.parse('2026-01-01T00:00:00Z'),
        finishedAt: now,
        containerId: 'process://7',
      },
    });
  });

  it.for([
    { what: 'that had ended', states: { state: ended(7) } },
    { what: 'that waited for its next try', states: { state: { waiting: {} }, lastState: ended(7) } },
  ])('is told as it was of one $what', ({ states }) => {
    const status = { initContainerStatuses: [{ name: 'init', restartCount: 0, ...states }] };
    expect(readFormerRuns(aPod(status), now).get('init')).toMatchObject({
      restartCount: 1,
      exit: { exitCode: 7, message: 'it broke', finishedAt: Date.parse('2026-01-01T00:00:01Z') },
    });
  });
});
