import { describe, expect, it } from 'vitest';
import type { FunctionObject } from '../../lib/api/function.ts';
import type { Condition } from '../../lib/kube/objects.ts';
import { renderState, type State, stateOf, Teller } from './states.ts';

function condition(type: string, status: Condition['status'], reason: string, message = ''): Condition {
  return { type, status, reason, message, lastTransitionTime: '2026-01-02T15:04:05Z' };
}

function seen(conditions: Condition[], traffic: string[] = [], observedGeneration = 2): FunctionObject {
  return {
    apiVersion: 'flint.dev/v1alpha1',
    kind: 'Function',
    metadata: { name: 'hello', generation: 2 },
    spec: { source: { inline: 'x' } },
    status: {
      observedGeneration,
      conditions,
      latestCreatedRevision: 'hello-b',
      traffic: traffic.map((revisionName) => ({ revisionName, percent: 100 })),
    },
  };
}

const broken = [
  condition('Ready', 'False', 'CodeDidNotLoad', 'revision hello-b does not start: x; revision hello-a goes on serving'),
  condition('RevisionReady', 'False', 'CodeDidNotLoad', 'SyntaxError: x (index.mjs:3:5)'),
];

describe('the state of a function', () => {
  it('is running when what was saved last is what serves', () => {
    expect(stateOf(seen([condition('Ready', 'True', 'Ready')], ['hello-b']))).toEqual({
      kind: 'running',
      revision: 'hello-b',
    });
  });

  it('is failed, in the words of the revision, and tells whether anything goes on', () => {
    const failed = { kind: 'failed', revision: 'hello-b', failure: 'CodeDidNotLoad: SyntaxError: x (index.mjs:3:5)' };
    expect(stateOf(seen(broken, ['hello-a']))).toEqual({ ...failed, goesOn: true });
    expect(stateOf(seen(broken))).toEqual({ ...failed, goesOn: false });
    // A crash of what serves: nothing came before it.
    expect(stateOf(seen(broken, ['hello-b']))).toEqual({ ...failed, goesOn: false });
  });

  it('is not known while the operator has not seen the last save, or works on it', () => {
    expect(stateOf(seen([condition('Ready', 'True', 'Ready')], ['hello-a'], 1))).toBeUndefined();
    expect(stateOf(seen([condition('Ready', 'Unknown', 'Starting')]))).toBeUndefined();
    expect(stateOf(seen([condition('Ready', 'False', 'ConfigMapNotFound')]))).toBeUndefined();
    expect(stateOf(seen([]))).toBeUndefined();
  });
});

describe('a state at the terminal', () => {
  const context = {
    functionName: 'hello',
    time: new Date(2026, 0, 2, 15, 4, 5, 67).toISOString(),
    sinceSaveMs: undefined,
    isAlone: true,
    volumes: '/data/volumes',
    files: new Map([['index.mjs', 'src/hello.mjs']]),
  };

  it('tells how long it took, when something was saved', () => {
    const running: State = { kind: 'running', revision: 'hello-b' };
    expect(renderState(running, context)).toBe('15:04:05.067  runs    hello');
    expect(renderState(running, { ...context, sinceSaveMs: 187.4 })).toBe(
      '15:04:05.067  runs    hello  (187 ms after the save)',
    );
  });

  it('tells where in the author’s file it broke, and that the code from before goes on', () => {
    const state = stateOf(seen(broken, ['hello-a']));
    expect(state === undefined ? '' : renderState(state, context)).toBe(
      '15:04:05.067  failed  hello  CodeDidNotLoad: SyntaxError: x (src/hello.mjs:3:5); the code from before goes on serving',
    );
  });

  it('tells of a file that is served alone that what lies beside it is not', () => {
    const missing = (name: string): State => ({
      kind: 'failed',
      revision: 'hello-b',
      failure: `CodeDidNotLoad: Error: Cannot find module '${name}' imported from index.mjs (index.mjs)`,
      goesOn: false,
    });
    const told =
      "failed  hello  CodeDidNotLoad: Error: Cannot find module './util.mjs' imported from src/hello.mjs (src/hello.mjs)";
    expect(renderState(missing('./util.mjs'), context)).toBe(
      `15:04:05.067  ${told}; a file is served alone: serve its folder, with an index file as its entry`,
    );
    expect(renderState(missing('./util.mjs'), { ...context, isAlone: false })).toBe(`15:04:05.067  ${told}`);
    expect(renderState(missing('zod'), context)).not.toContain('alone');
  });

  it('is told once, and again after another one', () => {
    const teller = new Teller();
    const running: State = { kind: 'running', revision: 'hello-a' };
    const failed: State = { kind: 'failed', revision: 'hello-b', failure: 'x', goesOn: true };
    expect([running, running, failed, failed, running].map((state) => teller.isNew(state))).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });
});
