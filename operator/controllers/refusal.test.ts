import { describe, expect, it } from 'vitest';
import { StatusError } from '../../lib/kube/status-error.ts';
import { refusalIn, refusalOf } from './refusal.ts';

const cases: readonly { name: string; code: number; message: string; want: string | undefined }[] = [
  { name: 'a value that is invalid', code: 422, message: 'spec.template…: Invalid value', want: 'InvalidPodTemplate' },
  { name: 'a form that is wrong', code: 400, message: 'cannot unmarshal string', want: 'InvalidPodTemplate' },
  {
    name: 'a field that does not exist, as a server-side apply says it',
    code: 500,
    message:
      'failed to create typed patch object (shop/hello-1; apps/v1, Kind=Deployment): .spec.x: field not declared',
    want: 'InvalidPodTemplate',
  },
  {
    name: 'a policy',
    code: 403,
    message: 'admission webhook "policy.example.com" denied the request: no latest tags',
    want: 'InvalidPodTemplate',
  },
  {
    name: 'a quota',
    code: 403,
    message: 'deployments.apps "hello-1" is forbidden: exceeded quota: small, requested: count/deployments.apps=1',
    want: 'QuotaExceeded',
  },
  {
    name: 'a quota that counts what is not stated',
    code: 403,
    message: 'pods "hello-1" is forbidden: failed quota: small: must specify limits.cpu for: function',
    want: 'QuotaExceeded',
  },
  {
    name: 'nothing when the operator lacks a right',
    code: 403,
    message: 'deployments.apps is forbidden: User "flint-operator" cannot create resource "deployments"',
    want: undefined,
  },
  { name: 'nothing in an outage', code: 500, message: 'etcdserver: request timed out', want: undefined },
  { name: 'nothing in a conflict', code: 409, message: 'the object has been modified', want: undefined },
];

describe('a refusal is the fault of', () => {
  it.each(cases)('$name', ({ code, message, want }) => {
    const failure = refusalOf(new StatusError({ code, reason: '', message }), 'InvalidPodTemplate');
    expect(failure).toEqual(want === undefined ? undefined : { reason: want, message });
  });

  it('nothing when there was no answer', () => {
    expect(refusalOf(new Error('connect ECONNREFUSED'), 'InvalidPodTemplate')).toBeUndefined();
  });
});

describe('the words about a Pod that could not be made mean', () => {
  const words = [
    { message: 'pods "a" is forbidden: exceeded quota: small, requested: pods=1', want: 'QuotaExceeded' },
    { message: 'pods "a" is forbidden: failed quota: small: must specify limits.cpu', want: 'QuotaExceeded' },
    { message: 'pods "a" is forbidden: violates PodSecurity "restricted:latest"', want: 'InvalidPodTemplate' },
    { message: 'Pod "a" is invalid: spec.containers[0].image: Required value', want: 'InvalidPodTemplate' },
    { message: 'admission webhook "policy.example.com" denied the request: no', want: 'InvalidPodTemplate' },
    { message: 'Internal error occurred: failed calling webhook "policy": connection refused', want: undefined },
    { message: 'etcdserver: request timed out', want: undefined },
  ];
  it.each(words)('$want: $message', ({ message, want }) => {
    expect(refusalIn(message)?.reason).toBe(want);
  });
});
