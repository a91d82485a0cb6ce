import { describe, expect, it } from 'vitest';
import { annotations } from '../../../lib/api/names.ts';
import type { FailureReason } from '../../../lib/api/reasons.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import { aReadyRevision, aRevision, aRuntime } from '../../testing/builders.ts';
import { decideRuntimeUpdate, type RuntimeUpdateInput, updatedRuntimeOf } from './runtime-update.ts';

const ofContent = (content: string, updateOf?: string): { annotations: Record<string, string> } => ({
  annotations: {
    [annotations.content]: content,
    ...(updateOf === undefined ? {} : { [annotations.runtimeUpdateOf]: updateOf }),
  },
});

const before = aReadyRevision('before', ofContent('same'));
const onNewRuntime = aRevision('after', ofContent('same'));

describe('a Revision that is wanted', () => {
  const usual = { desired: onNewRuntime, isDesiredReady: false, current: before, runtime: aRuntime(), underWay: 0 };
  const atOnce = { kind: 'take', updateOf: undefined };
  const cases: readonly { name: string; input: Partial<RuntimeUpdateInput>; want: object }[] = [
    { name: 'is taken when it is the first', input: { current: undefined }, want: atOnce },
    { name: 'is taken when it is the one there is', input: { desired: before, underWay: 9 }, want: atOnce },
    {
      name: 'is taken when the function changed, too',
      input: { desired: aRevision('after', ofContent('other')), underWay: 9 },
      want: atOnce,
    },
    {
      name: 'is taken, as an update, when only the Runtime changed and few follow it yet',
      input: { underWay: 4 },
      want: { kind: 'take', updateOf: 'before' },
    },
    { name: 'waits while as many as are allowed follow it', input: { underWay: 5 }, want: { kind: 'wait' } },
    {
      name: 'waits for fewer where the Runtime says so',
      input: { runtime: aRuntime({ updates: { maxParallel: 1 } }), underWay: 1 },
      want: { kind: 'wait' },
    },
    { name: 'is taken when it was proven before', input: { isDesiredReady: true, underWay: 9 }, want: atOnce },
    {
      name: 'is taken when there is nothing to lose',
      input: { current: aRevision('before', ofContent('same')), underWay: 9 },
      want: atOnce,
    },
    {
      name: 'takes over the place of the update that it replaces',
      input: { current: aRevision('between', ofContent('same', 'before')), underWay: 9 },
      want: { kind: 'take', updateOf: 'before' },
    },
    {
      name: 'is not made before the function changes where the policy says so',
      input: { runtime: aRuntime({ updates: { policy: 'OnNextChange' } }) },
      want: { kind: 'keep' },
    },
  ];
  it.each(cases)('$name', ({ input, want }) => {
    expect(decideRuntimeUpdate({ ...usual, ...input })).toEqual(want);
  });
});

describe('a Revision is under way with a Runtime', () => {
  const failing = (reason: FailureReason): Revision =>
    aRevision('b', { ...ofContent('x', 'a'), ready: { status: 'False', reason } });
  const cases: readonly { name: string; revision: Revision; want: string | undefined }[] = [
    { name: 'as an update that is not proven', revision: aRevision('b', ofContent('x', 'a')), want: 'nodejs' },
    { name: 'not when it is proven', revision: aReadyRevision('b', ofContent('x', 'a')), want: undefined },
    { name: 'while it fails as others may', revision: failing('ContainerCrashed'), want: 'nodejs' },
    { name: 'not when its own Secret is missing', revision: failing('SecretNotFound'), want: undefined },
    { name: 'not when the function changed', revision: aRevision('b', ofContent('x')), want: undefined },
  ];
  it.each(cases)('$name', ({ revision, want }) => {
    expect(updatedRuntimeOf(revision)).toBe(want);
  });
});
