import { expect, it } from 'vitest';
import { isFinished } from './pod-phase.ts';

it.for([
  ['Succeeded', true],
  ['Failed', true],
  ['Running', false],
  ['Pending', false],
  [undefined, false],
] as const)('a pod that is %s does not run again: %s', ([phase, finished]) => {
  const status = phase === undefined ? {} : { phase };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [] }, status };
  expect(isFinished(pod)).toBe(finished);
});
