import type { Schema } from '../local/api/schema/schema.ts';
import type { Crd } from './read-crds.ts';
import { nodesOf, showPath } from './schema-nodes.ts';

/** A change by which an object, or a client, of the older CRD may break under the newer; named as crdify (KEP-5000) does. */
export interface Incompatibility {
  readonly change: Change;
  /** `v1alpha1 spec.port` */
  readonly place: string;
  /** `1 to 8080` */
  readonly detail: string;
}

export type Change =
  | 'scope'
  | 'versionRemoval'
  | 'fieldRemoval'
  | 'type'
  | 'required'
  | 'enum'
  | 'minimum'
  | 'maximum'
  | 'default'
  | 'pattern'
  | 'listType'
  | 'unknownFields'
  | 'rule';

interface Pair {
  readonly before: Schema;
  readonly after: Schema;
}

type Finding = Omit<Incompatibility, 'place'>;

/** What the newer CRD takes away or forbids; empty when everything that was valid stays valid and means the same. */
export function findIncompatibilities(before: Crd, after: Crd): Incompatibility[] {
  const scopes = [before.spec.scope, after.spec.scope];
  const scope = scopes[0] === scopes[1] ? [] : [{ change: 'scope' as const, place: '', detail: scopes.join(' to ') }];
  const versions = before.spec.versions.flatMap(({ name, schema }) => {
    const same = after.spec.versions.find((version) => version.name === name);
    return same === undefined
      ? [{ change: 'versionRemoval' as const, place: name, detail: name }]
      : compareSchemas(schema.openAPIV3Schema, same.schema.openAPIV3Schema, name);
  });
  return [...scope, ...versions];
}

function compareSchemas(before: Schema, after: Schema, version: string): Incompatibility[] {
  const old = new Map([...nodesOf(before)].map(({ path, schema }) => [showPath(path), schema]));
  const now = new Map([...nodesOf(after)].map(({ path, schema }) => [showPath(path), schema]));
  return [...old].flatMap(([path, schema]) => {
    const place = path === '' ? version : `${version} ${path}`;
    const same = now.get(path);
    const findings =
      same === undefined ? removal(path, now) : checks.flatMap((check) => check({ before: schema, after: same }));
    return findings.map((finding) => ({ ...finding, place }));
  });
}

/** Of a field with everything below it only the field itself. */
function removal(path: string, now: ReadonlyMap<string, Schema>): Finding[] {
  const parent = path.replace(/(?:\.?[^.[\]{}]+|\[\]|\{\})$/u, '');
  return now.has(parent) ? [{ change: 'fieldRemoval', detail: path }] : [];
}

const checks: readonly ((pair: Pair) => Finding[])[] = [
  ({ before, after }) => changed('type', typeOf(before), typeOf(after)),
  ({ before, after }) => changed('default', before.default, after.default),
  ({ before, after }) => (after.pattern === undefined ? [] : changed('pattern', before.pattern, after.pattern)),
  ({ before, after }) => changed('listType', listTypeOf(before), listTypeOf(after)),
  newlyRequired,
  removedChoices,
  ...(['minimum', 'minLength', 'minItems', 'minProperties'] as const).map(
    (word) => (pair: Pair) => tightened('minimum', word, pair),
  ),
  ...(['maximum', 'maxLength', 'maxItems', 'maxProperties'] as const).map(
    (word) => (pair: Pair) => tightened('maximum', word, pair),
  ),
  ({ before, after }) =>
    keepsUnknown(before) && !keepsUnknown(after) ? [{ change: 'unknownFields', detail: 'were kept' }] : [],
  newRules,
];

function changed(change: Change, before: unknown, after: unknown): Finding[] {
  const [was, is] = [before, after].map((value) => (value === undefined ? 'none' : JSON.stringify(value)));
  return was === is ? [] : [{ change, detail: `${was} to ${is}` }];
}

function typeOf(schema: Schema): string {
  return schema['x-kubernetes-int-or-string'] === true ? 'int-or-string' : (schema.type ?? 'any');
}

function listTypeOf(schema: Schema): string | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  return schema['x-kubernetes-list-type'] === undefined || keys === undefined
    ? schema['x-kubernetes-list-type']
    : `${schema['x-kubernetes-list-type']} by ${keys.join(', ')}`;
}

function keepsUnknown(schema: Schema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true;
}

/** Also of a new field: objects that exist do not have it. One with a default always is there. */
function newlyRequired({ before, after }: Pair): Finding[] {
  return (after.required ?? [])
    .filter((name) => before.required?.includes(name) !== true && after.properties?.[name]?.default === undefined)
    .map((name) => ({ change: 'required', detail: name }));
}

/** Also where any value was free before. */
function removedChoices({ before, after }: Pair): Finding[] {
  if (after.enum === undefined) {
    return [];
  }
  const { enum: choices } = after;
  return before.enum === undefined
    ? [{ change: 'enum', detail: 'any value was allowed' }]
    : before.enum
        .filter((choice) => !choices.includes(choice))
        .map((choice) => ({ change: 'enum', detail: String(choice) }));
}

type Bound =
  'minimum' | 'minLength' | 'minItems' | 'minProperties' | 'maximum' | 'maxLength' | 'maxItems' | 'maxProperties';

function tightened(side: 'minimum' | 'maximum', word: Bound, { before, after }: Pair): Finding[] {
  const open = side === 'minimum' ? -Infinity : Infinity;
  const [was, is] = [before[word] ?? open, after[word] ?? open];
  const isTighter = side === 'minimum' ? is > was : is < was;
  return isTighter ? [{ change: side, detail: `${word} ${was} to ${is}` }] : [];
}

/** What a rule forbids cannot be read from it: a new or another one is for a person to look at. A new message is none. */
function newRules({ before, after }: Pair): Finding[] {
  const known = (before['x-kubernetes-validations'] ?? []).map(({ rule }) => rule);
  return (after['x-kubernetes-validations'] ?? [])
    .filter(({ rule }) => !known.includes(rule))
    .map(({ rule }) => ({ change: 'rule', detail: rule }));
}
