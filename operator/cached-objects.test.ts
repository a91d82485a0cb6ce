import { expect, it } from 'vitest';
import type { ConfigMap, KubeObject, Pod, Service } from '../lib/kube/objects.ts';
import { slimObject } from './cached-objects.ts';
import { digestCode } from './controllers/function/code.ts';
import { aFunction } from './testing/builders.ts';

const metadata = {
  name: 'a',
  namespace: 'shop',
  uid: 'u',
  resourceVersion: '7',
  labels: { a: 'b' },
  annotations: { long: 'x'.repeat(1000) },
  managedFields: [{}],
};
const kept = { name: 'a', namespace: 'shop', uid: 'u', resourceVersion: '7', labels: { a: 'b' } };

it('of a ConfigMap the digest is kept, not the code', () => {
  const data = { 'index.mjs': 'secret sauce' };
  const configMap: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
  const slim: KubeObject = slimObject(configMap);
  expect(slim).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: kept, digest: digestCode({ data }) });
});

it('of a Service it is kept where it leads', () => {
  const spec = { type: 'ExternalName', externalName: 'x', clusterIP: '10.0.0.1', ports: [{ port: 80 }] };
  const service: Service = { apiVersion: 'v1', kind: 'Service', metadata, spec };
  expect(slimObject(service)).toEqual({
    ...service,
    metadata: kept,
    spec: { type: 'ExternalName', externalName: 'x' },
  });
});

it('of a Pod its state is kept', () => {
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], podIP: '10.0.0.1' };
  const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'function' }] }, status };
  const want = { spec: { containers: [] }, status: { phase: 'Running', conditions: status.conditions } };
  expect(slimObject(pod)).toEqual({ ...pod, metadata: kept, ...want });
});

it('what reconcilers read as a whole is kept as a whole', () => {
  const fn = aFunction();
  expect(slimObject(fn)).toBe(fn);
});
