import { apiVersionOfKind, type Kind } from '../kinds/kind.ts';
import { refuse } from '../status.ts';
import { knownMessages, messageName } from '../protobuf/messages.ts';
import { componentName, goComponent, goComponents, refTo, scalarComponents } from './openapi-schemas.ts';

/** `/openapi/v3`: where the document of each group and version is. @param prefix what stands before every path for this client. */
export function makeOpenApiIndex(kinds: readonly Kind[], prefix: string): object {
  const roots = new Set(kinds.map(rootOf));
  return {
    paths: Object.fromEntries([...roots].map((root) => [root, { serverRelativeURL: `${prefix}/openapi/v3/${root}` }])),
  };
}

/** Kept as long as no kind comes or goes: the comments in them are read from some hundred files. */
const documents = new WeakMap<readonly Kind[], Map<string, string>>();

/**
 * The document of one group and version as JSON: what kubectl needs to explain kinds and to know that fields are checked here.
 * @throws StatusError NotFound
 */
export function readOpenApiDocument(kinds: readonly Kind[], root: string): string {
  const known = documents.get(kinds) ?? new Map<string, string>();
  documents.set(kinds, known);
  const document = known.get(root) ?? JSON.stringify(makeDocument(kinds, root));
  known.set(root, document);
  return document;
}

function makeDocument(kinds: readonly Kind[], root: string): object {
  const members = kinds.filter((kind) => rootOf(kind) === root);
  if (members.length === 0) {
    throw refuse('NotFound', 'the server could not find the requested resource');
  }
  const structs = members.map(structOf).filter((struct) => struct !== undefined);
  return {
    openapi: '3.0.0',
    info: { title: 'Flint embedded cluster', version: 'v1' },
    paths: Object.fromEntries(members.flatMap((kind) => makePaths(kind, root))),
    components: {
      schemas: {
        ...scalarComponents,
        ...goComponents([...structs, objectMeta]),
        ...Object.fromEntries(members.map((kind) => [schemaName(kind), makeSchema(kind)])),
      },
    },
  };
}

const objectMeta = 'meta.ObjectMeta';

/** The Go type of a kind that has one here. */
function structOf(kind: Kind): string | undefined {
  const name = messageName(kind.group, kind.kind);
  return kind.schema === undefined && knownMessages().has(name) ? name : undefined;
}

function rootOf(kind: Kind): string {
  return kind.group === '' ? `api/${kind.version}` : `apis/${kind.group}/${kind.version}`;
}

function schemaName(kind: Kind): string {
  return kind.schema === undefined
    ? componentName(messageName(kind.group, kind.kind))
    : `${kind.group.split('.').reverse().join('.')}.${kind.version}.${kind.kind}`;
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
  const own = ownSchema(kind);
  const text = (description: string): object => ({ type: 'string', description });
  return {
    ...own,
    properties: {
      ...own.properties,
      apiVersion: text(`The version of this kind: ${apiVersionOfKind(kind)}.`),
      kind: text(`The kind: ${kind.kind}.`),
      metadata: {
        description: 'Name, namespace, labels and annotations.',
        allOf: [refTo(componentName(objectMeta))],
      },
    },
    'x-kubernetes-group-version-kind': [identityOf(kind)],
  };
}

function ownSchema(kind: Kind): { readonly properties?: object } {
  const struct = structOf(kind);
  if (struct !== undefined) {
    return goComponent(struct);
  }
  const description =
    kind.absence === undefined ? '' : `The embedded cluster has no ${kind.kind}: ${kind.absence.instead}.`;
  return kind.schema ?? ({ type: 'object', description, 'x-kubernetes-preserve-unknown-fields': true } as object);
}
