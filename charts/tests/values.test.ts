import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { chart, renderText, type Values } from './chart.ts';
import { readValues } from './values-table.ts';

/** What Helm refuses, and where it says the mistake is. */
const refused: readonly { readonly values: Values; readonly says: string }[] = [
  { values: { operatr: {} }, says: "additional properties 'operatr' not allowed" },
  { values: { activator: { replica: 1 } }, says: "at '/activator': additional properties 'replica' not allowed" },
  { values: { activator: { replicas: 2 } }, says: "at '/activator/replicas': maximum: got 2, want 1" },
  { values: { operator: { replicas: '2' } }, says: "at '/operator/replicas': got string, want integer" },
  { values: { operator: { logLevel: 'verbose' } }, says: "at '/operator/logLevel'" },
  { values: { scope: 'everything' }, says: "at '/scope'" },
  { values: { image: { pullPolicy: 'Sometimes' } }, says: "at '/image/pullPolicy'" },
  { values: { operator: { image: { digest: 'abc' } } }, says: "at '/operator/image/digest'" },
  { values: { domains: ['Bad_Domain'] }, says: "at '/domains/0'" },
  { values: { runtimes: { nodejs: { pool: { size: 101 } } } }, says: "at '/runtimes/nodejs/pool/size'" },
  { values: { scope: 'namespaced' }, says: 'namespaces is empty: list the namespaces to serve' },
  { values: { namespaces: ['a'] }, says: 'set scope to namespaced or leave namespaces out' },
  { values: { ingress: { enabled: true } }, says: 'set domains' },
  { values: { domains: ['a.test'], ingress: { enabled: true } }, says: 'list the namespaces of functions' },
  { values: { commonLabels: { 'app.kubernetes.io/name': 'x' } }, says: "at '/commonLabels/app.kubernetes.io" },
  { values: { operator: { podLabels: { 'helm.sh/chart': 'x' } } }, says: "at '/operator/podLabels/helm.sh" },
  { values: { podMonitor: { enabled: true }, serviceMonitor: { enabled: true } }, says: 'choose one' },
  { values: { domains: ['a.test'], httpRoute: { enabled: true } }, says: 'name the Gateway' },
];

describe('values that are refused', () => {
  it.for(refused)('$values', async ({ values, says }) => {
    await expect(renderText(values)).rejects.toThrow(says);
  });
});

/** `a.b` of every value, maps that are values themselves included. */
function pathsOf(value: unknown, path: string[] = []): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [path.join('.')];
  }
  return [path.join('.'), ...Object.entries(value).flatMap(([name, part]) => pathsOf(part, [...path, name]))];
}

it('every value has its comment, and the schema knows every value', () => {
  const text = readFileSync(join(chart, 'values.yaml'), 'utf8');
  const documented = readValues(text).map(({ path }) => path);
  const all = pathsOf(load(text));
  expect(documented.filter((path) => !all.includes(path))).toEqual([]);
  interface Schema {
    readonly properties?: Readonly<Record<string, Schema>>;
  }
  const schema = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')) as Schema;
  const unknown = documented.filter((path) => {
    const found = path.split('.').reduce<Schema | undefined>((at, name) => at?.properties?.[name], schema);
    return found === undefined;
  });
  expect(unknown).toEqual([]);
});

it('a value without a comment is an error', () => {
  expect(() => readValues('a:\n  # -- told\n  b: 1\n  c: 2\n')).toThrow('values without a comment: a.c');
});
