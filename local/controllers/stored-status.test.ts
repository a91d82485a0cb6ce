import { expect, it } from 'vitest';
import { isStored } from './stored-status.ts';

it('a status is stored when only zeros and empty lists are not there', () => {
  const status = { replicas: 1, readyReplicas: 0, conditions: [] };
  expect(isStored(status, { replicas: 1 })).toBe(true);
  expect(isStored(status, { replicas: 1, readyReplicas: 1 })).toBe(false);
  expect(isStored(status, { replicas: 1, conditions: [{ type: 'Ready' }] })).toBe(false);
  expect(isStored(status, { replicas: 1, former: 2 })).toBe(false);
  expect(isStored(status, undefined)).toBe(false);
  expect(isStored({ replicas: 0 }, undefined)).toBe(true);
});
