import { expect, it } from 'vitest';
import type { Pod } from '../../lib/kube/objects.ts';
import { TokenTable } from './token-table.ts';

function makePod(uid: string, serviceAccountName?: string): Pod {
  const spec = { containers: [], ...(serviceAccountName === undefined ? {} : { serviceAccountName }) };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'shop', uid }, spec };
}

function makeTable(): TokenTable {
  let last = 0;
  return new TokenTable(() => `token-${(last += 1)}`);
}

it('a token that was not given to anybody is nobody’s', () => {
  expect(makeTable().userOf('token-1')).toBeUndefined();
});

it('a pod speaks as its service account, with one token while it lives and none afterwards', () => {
  const table = makeTable();
  const pod = makePod('1', 'flint-operator');
  const token = table.issue(pod);
  expect(table.issue(pod)).toBe(token);
  expect(table.userOf(token)).toBe('system:serviceaccount:shop:flint-operator');
  table.revoke(pod);
  expect(table.userOf(token)).toBeUndefined();
  expect(table.issue(pod)).not.toBe(token);
});

it('two pods of one account have tokens of their own', () => {
  const table = makeTable();
  const [one, other] = [table.issue(makePod('1')), table.issue(makePod('2'))];
  expect(one).not.toBe(other);
  table.revoke(makePod('1'));
  expect(table.userOf(other)).toBe('system:serviceaccount:shop:default');
});
