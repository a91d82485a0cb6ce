import { expect, it } from 'vitest';
import { ofUid, ofVersion } from './preconditions.ts';

const named = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };
const seen = { ...named, metadata: { name: 'a', uid: 'u', resourceVersion: '7' } };

it('an object is meant by its uid, and as it was seen by its version too', () => {
  expect(ofUid(seen)).toEqual({ uid: 'u' });
  expect(ofVersion(seen)).toEqual({ uid: 'u', resourceVersion: '7' });
});

it('what an object does not say is no condition', () => {
  expect([ofUid(named), ofVersion(named)]).toEqual([{}, {}]);
});
