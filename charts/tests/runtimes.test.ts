import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { expect, it } from 'vitest';
import { find, project, render } from './chart.ts';

it('the Runtimes of the chart are valid by their CRD', async () => {
  const { data } = find(await render(), 'ConfigMap', 'flint-runtimes') as unknown as {
    data: Record<string, string>;
  };
  const crd = load(readFileSync(join(project, 'crds/runtimes.yaml'), 'utf8')) as {
    spec: { versions: [{ schema: { openAPIV3Schema: { properties: { spec: object } } } }] };
  };
  const ajv = new Ajv({ strict: false, formats: { int32: true, int64: true } });
  const isValid = ajv.compile(closed(crd.spec.versions[0].schema.openAPIV3Schema.properties.spec) as object);
  const runtimes = JSON.parse(data['runtimes.json'] ?? '') as { spec: Record<string, unknown> }[];
  expect(runtimes).toHaveLength(1);
  for (const { spec } of runtimes) {
    expect(isValid(spec), JSON.stringify(isValid.errors)).toBe(true);
    expect(isValid({ ...spec, imge: 'x' })).toBe(false);
    expect(isValid({ ...spec, port: '8080' })).toBe(false);
  }
});

/** As the API server takes it: what `properties` does not name is not there. */
function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return schema;
  }
  const entries = Object.entries(schema).map(([name, part]) => [name, closed(part)] as const);
  const isOpen = 'additionalProperties' in schema || 'x-kubernetes-preserve-unknown-fields' in schema;
  const isListing = 'properties' in schema && 'type' in schema && !isOpen;
  return { ...Object.fromEntries(entries), ...(isListing ? { additionalProperties: false } : {}) };
}
