import { describe, expect, it } from 'vitest';
import type { Pod } from '../../lib/kube/objects.ts';
import { type Claimant, decideClaims } from './claims.ts';
import { aPod } from './testing/builders.ts';

const claimant: Claimant = { uid: 'set-1', selector: { matchLabels: { app: 'hello' } }, isDeleting: false };

interface Candidate {
  readonly app: string;
  readonly owner?: string;
  readonly isDeleting?: boolean;
}

function aCandidate({ app, owner, isDeleting }: Candidate): Pod {
  const pod = aPod('hello-1');
  const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'x', uid: owner ?? '', controller: true };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: { app },
      ...(owner === undefined ? {} : { ownerReferences: [reference] }),
      ...(isDeleting === true ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
  };
}

describe('a claim', () => {
  const cases: {
    name: string;
    candidate: Candidate;
    isDeleting?: boolean;
    want: 'owned' | 'adopt' | 'release' | 'none';
  }[] = [
    { name: 'keeps an own object that matches', candidate: { app: 'hello', owner: 'set-1' }, want: 'owned' },
    {
      name: 'releases an own object that was relabelled',
      candidate: { app: 'other', owner: 'set-1' },
      want: 'release',
    },
    { name: 'adopts an orphan that matches', candidate: { app: 'hello' }, want: 'adopt' },
    { name: 'I3: leaves what another controller owns', candidate: { app: 'hello', owner: 'set-2' }, want: 'none' },
    { name: 'leaves an orphan that does not match', candidate: { app: 'other' }, want: 'none' },
    { name: 'leaves an orphan that is being deleted', candidate: { app: 'hello', isDeleting: true }, want: 'none' },
    { name: 'of an owner being deleted adopts nothing', candidate: { app: 'hello' }, isDeleting: true, want: 'none' },
    {
      name: 'of an owner being deleted releases nothing',
      candidate: { app: 'other', owner: 'set-1' },
      isDeleting: true,
      want: 'owned',
    },
  ];
  for (const { name, candidate, isDeleting = false, want } of cases) {
    it(name, () => {
      const claims = decideClaims({ ...claimant, isDeleting }, [aCandidate(candidate)]);
      const sizes = { owned: claims.owned.length, adopt: claims.adopt.length, release: claims.release.length };
      const none = { owned: 0, adopt: 0, release: 0 };
      expect(sizes).toEqual(want === 'none' ? none : { ...none, [want]: 1 });
    });
  }
});
