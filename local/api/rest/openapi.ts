import { apiVersionOfKind, type Kind } from '../kinds/kind.ts';
import type { Schema } from '../schema/schema.ts';

/** `/openapi/v3`: where the document of each group and version is. @param prefix what stands before every path for this client. */
export function makeOpenApiIndex(kinds: readonly Kind[], prefix: string): object {
  const roots = new Set(kinds.map(rootOf));
  return {
    paths: Object.fromEntries([...roots].map((root) => [root, { serverRelativeURL: `${prefix}/openapi/v3/${root}` }])),
  };
}

/** The document of one group and version: what kubectl needs to explain kinds and to know that fields are checked here. */
export function makeOpenApiDocument(kinds: readonly Kind[], root: string): object {
  const members = kinds.filter((kind) => rootOf(kind) === root);
  return {
    openapi: '3.0.0',
    info: { title: 'Flint embedded cluster', version: 'v1' },
    paths: Object.fromEntries(members.flatMap((kind) => makePaths(kind, root))),
    components: { schemas: Object.fromEntries(members.map((kind) => [schemaName(kind), makeSchema(kind)])) },
  };
}

function rootOf(kind: Kind): string {
  return kind.group === '' ? `api/${kind.version}` : `apis/${kind.group}/${kind.version}`;
}

function schemaName(kind: Kind): string {
  const prefix = kind.group === '' ? 'io.k8s.api.core' : kind.group.split('.').reverse().join('.');
  return `${prefix}.${kind.version}.${kind.kind}`;
}

function identityOf(kind: Kind): { readonly group: string; readonly version: string; readonly kind: string } {
  return { group: kind.group, version: kind.version, kind: kind.kind };
}

function makePaths(kind: Kind, root: string): [string, object][] {
  const scope = kind.namespaced ? '/namespaces/{namespace}' : '';
  const identity = { 'x-kubernetes-group-version-kind': identityOf(kind) };
  const write = {
    ...identity,
    parameters: ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
      name,
      in: 'query',
      schema: { type: 'string', uniqueItems: true },
    })),
    responses: {},
  };
  const collection = `/${root}${scope}/${kind.plural}`;
  return [
    [collection, { get: { ...identity, responses: {} }, post: { ...write, 'x-kubernetes-action': 'post' } }],
    [
      `${collection}/{name}`,
      {
        get: { ...identity, responses: {} },
        put: { ...write, 'x-kubernetes-action': 'put' },
        patch: { ...write, 'x-kubernetes-action': 'patch' },
        delete: { ...identity, responses: {} },
      },
    ],
  ];
}

function makeSchema(kind: Kind): object {
  const own: Schema = kind.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const text = (description: string): Schema => ({ type: 'string', description });
  return {
    ...own,
    properties: {
      ...own.properties,
      apiVersion: text(`The version of this kind: ${apiVersionOfKind(kind)}.`),
      kind: text(`The kind: ${kind.kind}.`),
      metadata: {
        type: 'object',
        description: 'Name, namespace, labels and annotations.',
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
    'x-kubernetes-group-version-kind': [identityOf(kind)],
  };
}
