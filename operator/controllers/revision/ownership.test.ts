import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { handOver } from './ownership.ts';

const count = { 'f:spec': { 'f:replicas': {} } };
const template = { 'f:template': { 'f:spec': {} } };
const all = { 'f:metadata': { 'f:labels': {} }, 'f:spec': { 'f:replicas': {}, ...template } };
const rest = { 'f:metadata': { 'f:labels': {} }, 'f:spec': template };

const entry = { apiVersion: 'apps/v1', time: '2026-01-01T00:00:00Z', fieldsType: 'FieldsV1' };
const creator = (fieldsV1: object): object => ({ ...entry, manager: 'flint-activator', operation: 'Update', fieldsV1 });
const operator = (fieldsV1: object): object => ({ ...entry, manager: 'flint-operator', operation: 'Apply', fieldsV1 });
const scaler = { ...creator(count), subresource: 'scale' };
const stranger = { ...creator(all), manager: 'kubectl' };

function aDeployment(...managedFields: object[]): KubeObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', uid: 'u', managedFields } };
}

describe('what is handed over', () => {
  const isThis = { op: 'test', path: '/metadata/uid', value: 'u' };
  const gift = { op: 'add', path: '/metadata/managedFields/-', value: operator(rest) };

  it('is all that the creation gave to the activator but the replica count', () => {
    expect(handOver(aDeployment(stranger, creator(all)))).toEqual([
      isThis,
      { op: 'test', path: '/metadata/managedFields/1', value: creator(all) },
      { op: 'replace', path: '/metadata/managedFields/1', value: creator(count) },
      gift,
    ]);
  });

  it('is all when a scale write has taken the count', () => {
    expect(handOver(aDeployment(creator(rest), scaler))).toEqual([
      isThis,
      { op: 'test', path: '/metadata/managedFields/0', value: creator(rest) },
      { op: 'remove', path: '/metadata/managedFields/0' },
      gift,
    ]);
  });

  it('is given up only where the operator has applied already', () => {
    expect(handOver(aDeployment(operator(rest), creator(all)))).toEqual([
      isThis,
      { op: 'test', path: '/metadata/managedFields/1', value: creator(all) },
      { op: 'replace', path: '/metadata/managedFields/1', value: creator(count) },
    ]);
  });

  it.each([
    { name: 'where it was done', live: aDeployment(operator(rest), creator(count)) },
    { name: 'where only scale writes are left', live: aDeployment(operator(rest), scaler) },
    { name: 'of what others made', live: aDeployment(stranger) },
    { name: 'where nobody is told of', live: { ...aDeployment(), metadata: { name: 'a' } } },
  ])('is nothing $name', ({ live }) => {
    expect(handOver(live)).toBeUndefined();
  });
});
