import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { list, mapOf, object, root, type Schema, text, withSpec, makeCrd, refusals, group } from './crd-drafts.ts';
import { askTarget, crds, fieldManager } from './world.ts';

/** CRDs that a server refuses for their names and versions. */

const ask = askTarget();

const anything = withSpec(text);

const definitions: readonly { title: string; crd: () => KubeObject; field: string; says: string }[] = [
  {
    title: 'a name that is not plural.group',
    crd: () => makeCrd(anything, { metadata: { name: `others.${group}` } }),
    field: 'metadata.name',
    says: 'must be spec.names.plural+"."+spec.group',
  },
  {
    title: 'a group without dot',
    crd: () => makeCrd(anything, { spec: { group: 'nodot' }, metadata: { name: 'things.nodot' } }),
    field: 'spec.group',
    says: 'Invalid value: "nodot": should be a domain with at least one dot',
  },
  {
    title: 'an unknown scope',
    crd: () => makeCrd(anything, { spec: { scope: 'World' } }),
    field: 'spec.scope',
    says: 'Unsupported value: "World": supported values: "Cluster", "Namespaced"',
  },
  {
    title: 'a kind that is no name',
    crd: () => makeCrd(anything, { names: { kind: 'No Name' } }),
    field: 'spec.names.kind',
    says: 'may have mixed case, but should otherwise match: a DNS-1035 label must consist of',
  },
  {
    title: 'one name for kind and list',
    crd: () => makeCrd(anything, { names: { listKind: 'Thing' } }),
    field: 'spec.names.listKind',
    says: 'kind and listKind may not be the same',
  },
  {
    title: 'a short name in capitals',
    crd: () => makeCrd(anything, { names: { shortNames: ['T'] } }),
    field: 'spec.names.shortNames[0]',
    says: 'Invalid value: "T": a DNS-1035 label',
  },
  {
    title: 'a version in capitals',
    crd: () => makeCrd(anything, { version: { name: 'V1' } }),
    field: 'spec.versions[0].name',
    says: 'Invalid value: "V1": a DNS-1035 label',
  },
  {
    title: 'no version to store',
    crd: () => makeCrd(anything, { version: { storage: false } }),
    field: 'spec.versions',
    says: 'must have exactly one version marked as storage version',
  },
  {
    title: 'no schema',
    crd: () => makeCrd(anything, { version: { schema: undefined } }),
    field: 'spec.versions[0].schema.openAPIV3Schema',
    says: 'Required value',
  },
  {
    title: 'a column of an unknown type',
    crd: () =>
      makeCrd(anything, { version: { additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: '.spec' }] } }),
    field: 'spec.additionalPrinterColumns[0].type',
    says: 'must be one of boolean,date,integer,number,string',
  },
  {
    title: 'a default of the whole, with a status door',
    crd: () => makeCrd({ ...anything, maxProperties: 9 }, { version: { subresources: { status: {} } } }),
    field: root,
    says: 'fields are allowed at the root of the schema if the status subresource is enabled',
  },
];

describe('a definition', () => {
  it.for(definitions)('with $title is refused with its field', async ({ crd, field, says }) => {
    expect(await refusals(ask, crd())).toContainEqual(
      expect.stringMatching(new RegExp(`^${escape(field)}: .*${escape(says)}`, 'su')),
    );
  });

  it('with two versions to store, or two of one name, is refused', async () => {
    const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: anything } };
    const both = await refusals(ask, makeCrd(anything, { spec: { versions: [version, version] } }));
    for (const says of [
      'must contain unique version names',
      'must have exactly one version marked as storage version',
    ]) {
      expect(both).toContainEqual(expect.stringContaining(says));
    }
  });

  it('with versions of several schemas names the version', async () => {
    const version = (name: string, storage: boolean, openAPIV3Schema: Schema): object => ({
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema },
    });
    const versions = [version('v1', true, anything), version('v2', false, withSpec({}))];
    const refused = await refusals(ask, makeCrd(anything, { spec: { versions } }));
    expect(refused).toContainEqual(
      'spec.versions[1].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
    );
  });

  it('that leaves names out gets them', async () => {
    const crd = makeCrd(anything);
    const { spec } = (await ask.client.create(crds, crd, { fieldManager, dryRun: true })) as { spec?: unknown };
    expect(spec).toMatchObject({
      names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
      conversion: { strategy: 'None' },
    });
  });

  it('that is sound is taken', async () => {
    const intOrString = { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] };
    const key = { ...text, default: 'a' };
    const schema = withSpec(
      object({
        port: intOrString,
        list: list(object({ a: key }), mapOf(['a'])),
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        embedded: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
        values: { type: 'object', additionalProperties: text },
        either: object({ a: text, b: text }, { oneOf: [{ required: ['a'] }, { required: ['b'] }] }),
      }),
    );
    expect(await refusals(ask, makeCrd(schema))).toEqual([]);
  });
});

function escape(words: string): string {
  return words.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&');
}
