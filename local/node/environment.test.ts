import { describe, expect, it } from 'vitest';
import { aPod, aPodSpec } from '../controllers/testing/builders.ts';
import { expand, makeEnvironment, readField } from './environment.ts';
import type { Container } from './mounts.ts';
import type { Sources } from './sources.ts';

const sources: Sources = {
  configMap: (name) =>
    name === 'settings'
      ? { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { COLOUR: 'blue', SIZE: 'xl' } }
      : undefined,
  secret: (name) =>
    name === 'keys'
      ? {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name },
          data: { TOKEN: Buffer.from('s3cret').toString('base64') },
        }
      : undefined,
  token: () => undefined,
};

function environmentOf(container: Partial<Container>): Record<string, string> {
  const pod = aPod('p', aPodSpec(container));
  pod.metadata.labels = { tier: 'web' };
  pod.metadata.uid = 'u-1';
  return { ...makeEnvironment(pod, { name: 'main', ...container }, sources) };
}

describe('the environment of a container', () => {
  const cases: { name: string; container: Partial<Container>; want: Record<string, string> }[] = [
    { name: 'is empty when nothing is said', container: {}, want: {} },
    {
      name: 'takes all keys, with a prefix',
      container: { envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }, { secretRef: { name: 'keys' } }] },
      want: { P_COLOUR: 'blue', P_SIZE: 'xl', TOKEN: 's3cret' },
    },
    {
      name: 'prefers env over envFrom',
      container: { envFrom: [{ configMapRef: { name: 'settings' } }], env: [{ name: 'COLOUR', value: 'red' }] },
      want: { COLOUR: 'red', SIZE: 'xl' },
    },
    {
      name: 'refers to what came before, and leaves what did not',
      container: {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '$(A)-$(C)-$$(A)' },
          { name: 'C', value: '3' },
        ],
      },
      want: { A: '1', B: '1-$(C)-$(A)', C: '3' },
    },
    {
      name: 'reads single keys',
      container: {
        env: [
          { name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'SIZE' } } },
          { name: 'B', valueFrom: { secretKeyRef: { name: 'keys', key: 'TOKEN' } } },
        ],
      },
      want: { A: 'xl', B: 's3cret' },
    },
    {
      name: 'leaves out what is optional and not there',
      container: {
        envFrom: [{ secretRef: { name: 'none', optional: true } }],
        env: [
          { name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'x', optional: true } } },
          { name: 'B', valueFrom: { secretKeyRef: { name: 'keys', key: 'none', optional: true } } },
        ],
      },
      want: {},
    },
    {
      name: 'knows the pod',
      container: {
        env: [
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'UID', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
          { name: 'TIER', valueFrom: { fieldRef: { fieldPath: "metadata.labels['tier']" } } },
        ],
      },
      want: { IP: '127.0.0.1', UID: 'u-1', TIER: 'web' },
    },
    {
      name: 'knows the limits, in units and rounded up',
      container: {
        resources: { limits: { memory: '100M', cpu: '1500m' } },
        env: [
          { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        ],
      },
      want: { MEMORY: '96', CPU: '2' },
    },
  ];
  for (const { name, container, want } of cases) {
    it(name, () => {
      expect(environmentOf(container)).toEqual(want);
    });
  }

  const missing: { name: string; container: Partial<Container>; want: string }[] = [
    {
      name: 'a ConfigMap',
      container: { envFrom: [{ configMapRef: { name: 'none' } }] },
      want: 'configmap "none" not found',
    },
    {
      name: 'a Secret',
      container: { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'none', key: 'x' } } }] },
      want: 'secret "none" not found',
    },
    {
      name: 'a key',
      container: { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'x' } } }] },
      want: "couldn't find key x in Secret default/keys",
    },
    {
      name: 'a field',
      container: { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } }] },
      want: 'field label not supported: spec.x',
    },
  ];
  for (const { name, container, want } of missing) {
    it(`cannot be made without ${name}, in the kubelet's words`, () => {
      expect(() => environmentOf(container)).toThrow(want);
    });
  }
});

describe('the downward API', () => {
  it('lists labels sorted and quoted', () => {
    const pod = aPod('p');
    pod.metadata.labels = { b: 'x "y"', a: '1' };
    expect(readField(pod, 'metadata.labels')).toBe('a="1"\nb="x \\"y\\""');
  });
});

describe('an expansion', () => {
  it('leaves a dollar sign alone that begins nothing', () => {
    expect(expand('cost $5 $(', {})).toBe('cost $5 $(');
  });
});
