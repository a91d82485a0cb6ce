import { describe, expect, it } from 'vitest';
import { readCrds, schemaOf } from './read-crds.ts';
import { type Example, readExamples } from './read-examples.ts';
import { nodesOf, type Path, showPath } from './schema-nodes.ts';

/** That the examples leave nothing out; `e2e/contract/examples.test.ts` has a server judge each of them. */

const examples = { valid: readExamples('valid'), invalid: readExamples('invalid') };

/** What no valid object has. */
const never = [
  // Reserved.
  'spec.source.git',
  'spec.source.oci',
  // Refused by a server as soon as there is a Pod of it.
  'spec.readinessProbe.terminationGracePeriodSeconds',
];

/** What an object as it is cannot break, but its change can; `a Revision never changes` of the contract does. */
const ofChanges = ['a Revision never changes; change the Function instead'];

function* pathsIn(value: unknown, path: Path = []): Generator<Path> {
  yield path;
  if (Array.isArray(value)) {
    for (const item of value) {
      yield* pathsIn(item, [...path, '[]']);
    }
  } else if (value !== null && typeof value === 'object') {
    for (const [name, field] of Object.entries(value)) {
      yield* pathsIn(field, [...path, name]);
      yield* pathsIn(field, [...path, '{}']);
    }
  }
}

describe.each(readCrds().map((crd) => [crd.spec.names.kind, crd] as const))('examples of a %s', (kind, crd) => {
  const nodes = [...nodesOf(schemaOf(crd))];
  const ofKind = (all: readonly Example[]): Example[] => all.filter(({ object }) => object.kind === kind);

  it('have every field in one that is valid', () => {
    const set = new Set(ofKind(examples.valid).flatMap(({ object }) => [...pathsIn(object)].map(showPath)));
    const fields = nodes.map(({ path }) => showPath(path)).filter((path) => path.startsWith('spec'));
    expect(fields.length).toBeGreaterThan(10);
    expect(fields.filter((field) => !set.has(field) && !never.includes(field))).toEqual([]);
  });

  it('break every rule, in the words of the rule', () => {
    const said = ofKind(examples.invalid).flatMap(({ expected }) => expected);
    const rules = nodes.flatMap(({ schema }) => schema['x-kubernetes-validations'] ?? []);
    const messages = rules.map(({ message = '' }) => message);
    const unbroken = messages.filter((message) => !said.some((line) => line.endsWith(`: ${message}`)));
    expect(unbroken.filter((message) => !ofChanges.includes(message))).toEqual([]);
  });
});
