import { describe, expect, it } from 'vitest';
import { makeBuiltInKinds } from './builtin.ts';
import { type FieldFindings, goTypeOf, readByGoType } from './go-fields.ts';

function read(
  object: Record<string, unknown>,
  type: string,
  keepsZeros = false,
): { readonly object: unknown } & FieldFindings {
  const findings: FieldFindings = { unknown: [], wrong: [] };
  return { object: readByGoType(object, type, { findings, keepsZeros }), ...findings };
}

const container = { name: 'c', imagee: 'x', resources: { limits: { cpu: 1, memory: '64Mi' } } };

describe('an object read as its Go type', () => {
  it('loses the fields that the type does not have, and their paths are told', () => {
    const found = read({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [container], extra: null } }, 'core.Pod');
    expect(found.unknown).toEqual(['spec.containers[0].imagee', 'spec.extra']);
    expect(found.object).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      spec: { containers: [{ name: 'c', resources: container.resources }] },
    });
  });

  it('has no field that was null, and keeps what holds any JSON', () => {
    const fieldsV1 = { 'f:spec': { 'f:x': {} } };
    const metadata = { creationTimestamp: null, managedFields: [{ fieldsV1 }], labels: { a: 'b' } };
    expect(read({ metadata, data: null }, 'core.ConfigMap')).toMatchObject({
      object: { metadata: { managedFields: [{ fieldsV1 }], labels: { a: 'b' } } },
      unknown: [],
      wrong: [],
    });
    expect(read({ metadata, data: null }, 'core.ConfigMap').object).not.toHaveProperty('data');
  });

  it('has no zero that Go leaves out, but as an applier stated it', () => {
    const spec = {
      paused: false,
      replicas: 0,
      minReadySeconds: 0,
      strategy: {},
      template: { spec: { volumes: [], nodeSelector: {} } },
    };
    expect(read({ spec }, 'apps.Deployment').object).toEqual({
      spec: { replicas: 0, strategy: {}, template: { spec: {} } },
    });
    expect(read({ spec }, 'apps.Deployment', true).object).toEqual({ spec });
  });

  it('knows fields of embedded structs as its own', () => {
    const probe = { httpGet: { path: '/', port: 'http' }, periodSeconds: 1 };
    const found = read({ spec: { containers: [{ name: 'c', readinessProbe: probe }] } }, 'core.Pod');
    expect(found.unknown).toEqual([]);
    expect(found.object).toMatchObject({ spec: { containers: [{ readinessProbe: probe }] } });
  });

  it.for([
    [
      { spec: { replicas: '3' } },
      'apps.Deployment',
      'string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      { spec: { replicas: 1.5 } },
      'apps.Deployment',
      'number into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [{ data: { a: 1 } }, 'core.ConfigMap', 'number into Go struct field ConfigMap.data of type string'],
    [{ data: [] }, 'core.ConfigMap', 'array into Go struct field ConfigMap.data of type map[string]string'],
    [
      { spec: { containers: {} } },
      'core.Pod',
      'object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      { spec: { containers: [{ env: [{ name: 'A', value: true }] }] } },
      'core.Pod',
      'bool into Go struct field EnvVar.spec.containers.env.value of type string',
    ],
    [{ spec: 'x' }, 'core.Pod', 'string into Go struct field Pod.spec of type v1.PodSpec'],
  ] as const)('%j as %s is refused as Go refuses it', ([object, type, words]) => {
    expect(read(object, type).wrong.map(({ message }) => message)).toEqual([`json: cannot unmarshal ${words}`]);
  });

  it('is one of every kind that runs here, but the Event, which has the fields of two', () => {
    const without = makeBuiltInKinds().filter((kind) => kind.absence === undefined && goTypeOf(kind) === undefined);
    expect(without.map(({ group, kind }) => `${group}/${kind}`)).toEqual(['/Event', 'events.k8s.io/Event']);
  });
});
