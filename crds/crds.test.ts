import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { functionDefaults, runtimeDefaults } from '../lib/api/defaults.ts';
import { durationPattern } from '../lib/api/duration.ts';
import { failureReasons } from '../lib/api/reasons.ts';
import type { KubeObject } from '../lib/kube/objects.ts';
import { statusOf } from '../activator/http/problem.ts';
import { validateCrd } from '../local/api/kinds/validate-crd.ts';
import { applyDefaults, prune } from '../local/api/schema/prune.ts';
import { RuleSet } from '../local/api/schema/rules.ts';
import { validateSchema } from '../local/api/schema/validate.ts';
import { readCrd, schemaOf } from './read-crds.ts';
import { makeReference } from './reference.ts';
import { nodesOf, showPath } from './schema-nodes.ts';

const project = join(import.meta.dirname, '..');
const pages = { functions: 'function', revisions: 'revision', runtimes: 'runtime' };

/** The keywords that our schemas use. `const`, `$ref`, `patternProperties`, `uniqueItems` and their like are none of them. */
const keywords: ReadonlySet<string> = new Set([
  ...['type', 'format', 'description', 'default', 'enum', 'pattern', 'properties', 'required', 'items', 'anyOf'],
  ...['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'maxProperties', 'additionalProperties'],
  ...['list-type', 'list-map-keys', 'int-or-string', 'preserve-unknown-fields', 'validations'].map(
    (keyword) => `x-kubernetes-${keyword}`,
  ),
]);

/** The refusals of an object, as a server would give them. */
function refusals(file: string, object: object): string[] {
  const schema = schemaOf(readCrd(file));
  const dropped: string[] = [];
  const { metadata, ...rest } = applyDefaults(object, schema) as { metadata?: object };
  prune(rest, { ...schema, properties: { ...schema.properties, apiVersion: {}, kind: {} } }, dropped);
  const bySchema = validateSchema(rest, schema);
  const errors = bySchema.length > 0 ? bySchema : new RuleSet().check({ ...rest, metadata }, undefined, schema);
  return [...dropped.map((field) => `unknown ${field}`), ...errors.map(({ field, message }) => `${field}: ${message}`)];
}

describe.each(Object.keys(pages))('the CRD of %s', (file) => {
  const nodes = [...nodesOf(schemaOf(readCrd(file)))].map(({ path, schema }) => [showPath(path), schema] as const);

  it('bounds every string, list, map and number', () => {
    const open = nodes.filter(([, node]) => {
      const isOpenString = node.type === 'string' && node.maxLength === undefined && node.enum === undefined;
      const isOpenList = node.type === 'array' && node.maxItems === undefined;
      const isOpenMap = typeof node.additionalProperties === 'object' && node.maxProperties === undefined;
      const isNumber = node.type === 'integer' || node.type === 'number';
      return (
        isOpenString ||
        isOpenList ||
        isOpenMap ||
        (isNumber && (node.minimum === undefined || node.maximum === undefined))
      );
    });
    expect(open.map(([path]) => path)).toEqual([]);
  });

  it('describes every field, and says of every list how it merges', () => {
    const silent = nodes.filter(([path, node]) => !/(\[\]|\{\})$/u.test(path) && node.description === undefined);
    const lists = nodes.filter(([, node]) => node.type === 'array' && node['x-kubernetes-list-type'] === undefined);
    expect([...silent, ...lists].map(([path]) => path)).toEqual([]);
  });

  it('is structural: a type everywhere but for int-or-string, and required keys of list maps', () => {
    const typeless = nodes.filter(([, node]) => node.type === undefined && node['x-kubernetes-int-or-string'] !== true);
    const keyless = nodes.filter(([, node]) =>
      (node['x-kubernetes-list-map-keys'] ?? []).some((key) => node.items?.required?.includes(key) !== true),
    );
    expect([...typeless, ...keyless].map(([path]) => path)).toEqual([]);
  });

  it('says in a combinator only what may stand there: of int-or-string its types, and no other keyword that servers drop', () => {
    const inside = nodes.flatMap(([path, node]) =>
      (['allOf', 'anyOf', 'oneOf', 'not'] as const)
        .filter((word) => node[word] !== undefined)
        .map((word) => ({ path, allowed: node['x-kubernetes-int-or-string'] === true && word === 'anyOf' })),
    );
    expect(inside.filter(({ allowed }) => !allowed).map(({ path }) => path)).toEqual([]);
    // Refused, ignored without a word, or quadratic: kubernetes/apiextensions validation.go.
    const unknown = nodes.flatMap(([path, node]) =>
      Object.keys(node)
        .filter((keyword) => !keywords.has(keyword))
        .map((keyword) => `${path}: ${keyword}`),
    );
    expect(unknown).toEqual([]);
    const mixed = nodes.filter(([, node]) => node.properties !== undefined && node.additionalProperties !== undefined);
    expect(mixed.map(([path]) => path)).toEqual([]);
  });

  it('is taken by a server, rules and what they can cost included', () => {
    expect(validateCrd(readCrd(file), undefined)).toEqual([]);
  });

  it('has its reference page', () => {
    const page = pages[file as keyof typeof pages];
    expect(readFileSync(join(project, `docs/reference/${page}.md`), 'utf8')).toBe(makeReference(readCrd(file)));
  });
});

describe('what is written twice', () => {
  const base = { spec: { runtime: 'nodejs', source: { inline: 'x' } } };

  it('defaults of the Function', () => {
    const { spec } = applyDefaults(base, schemaOf(readCrd('functions'))) as { spec: Record<string, unknown> };
    const { scaling, concurrencyLimit, ...rest } = functionDefaults;
    const { target: _, ...fixed } = scaling;
    expect(spec).toMatchObject({ ...rest, scaling: fixed, concurrency: { limit: concurrencyLimit } });
  });

  it('defaults of the Runtime', () => {
    const filled = applyDefaults({ spec: { image: 'i', entryFiles: ['a'] } }, schemaOf(readCrd('runtimes')));
    expect(filled).toMatchObject({ spec: runtimeDefaults });
  });

  it('the form of durations', () => {
    const patterns = [...nodesOf(schemaOf(readCrd('functions')))].map(({ schema }) => schema.pattern);
    expect(patterns.filter((pattern) => pattern === durationPattern).length).toBeGreaterThan(8);
  });

  it('errors and reasons in the documentation', () => {
    const names = (page: string): string[] =>
      [...readFileSync(join(project, `docs/reference/${page}.md`), 'utf8').matchAll(/^\| `(\w+)`\s*\|/gmu)].map(
        ([, name = '']) => name,
      );
    expect(names('errors').sort()).toEqual(Object.keys(statusOf).sort());
    expect(names('conditions').sort()).toEqual([...failureReasons].sort());
  });
});

describe('a Function', () => {
  const source = { inline: 'x' };
  const valid = { runtime: 'nodejs', source };
  const cases: { name: string; spec: object; want: string }[] = [
    {
      name: 'has one source',
      spec: { runtime: 'nodejs', source: { ...source, configMap: { name: 'a' } } },
      want: 'set exactly one of',
    },
    { name: 'has a source', spec: { runtime: 'nodejs', source: {} }, want: 'set exactly one of' },
    {
      name: 'has no git source yet',
      spec: { runtime: 'nodejs', source: { git: {} } },
      want: 'source.git is not supported yet',
    },
    {
      name: 'has no oci source yet',
      spec: { runtime: 'nodejs', source: { oci: {} } },
      want: 'source.oci is not supported yet',
    },
    { name: 'has a Runtime for code', spec: { source }, want: 'set runtime for code' },
    {
      name: 'has no Runtime with an image',
      spec: { runtime: 'nodejs', source: { image: 'i' } },
      want: 'leave it out with source.image',
    },
    {
      name: 'has minReplicas up to maxReplicas',
      spec: { ...valid, scaling: { minReplicas: 3, maxReplicas: 2 } },
      want: 'minReplicas must not be above',
    },
    {
      name: 'has initialReplicas up to maxReplicas',
      spec: { ...valid, scaling: { initialReplicas: 3, maxReplicas: 2 } },
      want: 'initialReplicas must not be above',
    },
    {
      name: 'has activationReplicas up to maxReplicas',
      spec: { ...valid, scaling: { activationReplicas: 3, maxReplicas: 2 } },
      want: 'activationReplicas must not be above',
    },
    {
      name: 'has a panicWindow within its window',
      spec: { ...valid, scaling: { window: '6s', panicWindow: '7s' } },
      want: 'panicWindow must not be longer',
    },
    {
      name: 'has a window of 6s at least',
      spec: { ...valid, scaling: { window: '5s', panicWindow: '1s' } },
      want: 'must be at least 6s',
    },
    {
      name: 'has a time limit of 24h at most',
      spec: { ...valid, timeouts: { request: '25h' } },
      want: 'must be at most 24h',
    },
    {
      name: 'has a target of 1 at least',
      spec: { ...valid, scaling: { target: 0 } },
      want: 'greater than or equal to 1',
    },
    {
      name: 'has a limit of 1000 at most',
      spec: { ...valid, concurrency: { limit: 1001 } },
      want: 'less than or equal to 1000',
    },
    {
      name: 'has a known metric',
      spec: { ...valid, scaling: { metric: 'Cpu' } },
      want: 'supported values: "Concurrency", "RequestRate"',
    },
    {
      name: 'has command only with an image',
      spec: { ...valid, command: ['a'] },
      want: 'command and args are for image functions',
    },
    { name: 'has no unknown field', spec: { ...valid, tmeouts: {} }, want: 'unknown spec.tmeouts' },
  ];
  for (const { name, spec, want } of cases) {
    it(name, () => {
      const found = refusals('functions', { metadata: { name: 'hello' }, spec });
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(want);
    });
  }

  it('has a name of 52 characters at most', () => {
    expect(refusals('functions', { metadata: { name: 'a'.repeat(52) }, spec: valid })).toEqual([]);
    expect(refusals('functions', { metadata: { name: 'a'.repeat(53) }, spec: valid })[0]).toContain('52 characters');
  });

  it.each(['my.func', '1abc', 'abc-'])('is not named %s, as no Service can be everywhere', (name) => {
    expect(refusals('functions', { metadata: { name }, spec: valid })[0]).toContain('begins with a letter');
  });
});

describe('the examples', () => {
  /** Not for kubectl alone, or not for Kubernetes at all: what another system reads. */
  const notManifests = ['kustomization.yaml', 'func.yaml'];
  const files = readdirSync(join(project, 'examples'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.yaml') && !notManifests.includes(basename(name)),
  );
  it.each(files)('%s is accepted', (file) => {
    const objects = loadAll(readFileSync(join(project, 'examples', file), 'utf8')) as KubeObject[];
    const functions = objects.filter((object) => object.kind === 'Function');
    expect(functions.flatMap((object) => refusals('functions', object))).toEqual([]);
    expect(functions.length).toBeGreaterThan(0);
  });
});
