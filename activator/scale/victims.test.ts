import { describe, expect, it } from 'vitest';

import { aReplica } from '../testing/fake-replica.ts';
import { chooseVictims, predictRemoval } from './victims.ts';

const now = 10_000;

describe('chooseVictims', () => {
  it('takes those who are not Ready, then the least loaded, then the youngest', () => {
    const busy = aReplica({ inFlight: 3 });
    const old = aReplica({ inFlight: 1, usableAt: 100 });
    const young = aReplica({ inFlight: 1, usableAt: 900 });
    const starting = aReplica({ state: 'starting', pod: { ready: false } });
    const all = [busy, old, young, starting];
    expect(chooseVictims(all, 4, now)).toEqual([starting, young, old, busy]);
    expect(chooseVictims(all, 2, now)).toEqual([starting, young]);
    expect(chooseVictims(all, -1, now)).toEqual([]);
  });

  it('leaves out who is on the way out already, or was spared', () => {
    const draining = aReplica({ drainingSince: 9000 });
    const retired = aReplica({ state: 'retired' });
    const spared = aReplica({ spareUntil: now + 1 });
    const free = aReplica({ inFlight: 9, spareUntil: now });
    expect(chooseVictims([draining, retired, spared, free], 4, now)).toEqual([free]);
  });
});

describe('predictRemoval', () => {
  const idle = aReplica({ drainingSince: 9000 });
  const cases = [
    { name: 'the idle one, among others that are Ready', other: aReplica({ inFlight: 5 }), want: 'idle' },
    {
      name: 'nobody, while another serves that is not Ready yet',
      other: aReplica({ pod: { ready: false } }),
      want: 'none',
    },
    {
      name: 'nobody, while another finishes its requests that is not Ready any more',
      other: aReplica({ state: 'unready', inFlight: 1, pod: { ready: false } }),
      want: 'none',
    },
    {
      name: 'another that is not Ready and has nothing to do',
      other: aReplica({ state: 'starting', pod: { ready: false } }),
      want: 'other',
    },
    {
      name: 'the idle one, when another was given up before',
      other: aReplica({ state: 'retired', pod: { ready: false } }),
      want: 'idle',
    },
  ];
  for (const { name, other, want } of cases) {
    it(`says ${name}`, () => {
      const wanted = { idle: [idle], other: [other], none: undefined }[want];
      expect(predictRemoval([idle, other], [idle], 1)).toEqual(wanted);
    });
  }
});
