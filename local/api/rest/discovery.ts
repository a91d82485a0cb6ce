import { apiVersionOfKind, type Kind } from '../kinds/kind.ts';

const readWrite = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly kinds: readonly Kind[];
}

function groupVersions(kinds: readonly Kind[]): GroupVersion[] {
  const found = new Map<string, Kind[]>();
  for (const kind of kinds) {
    const key = apiVersionOfKind(kind);
    found.set(key, [...(found.get(key) ?? []), kind]);
  }
  return [...found.values()].flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : [{ group: first.group, version: first.version, kinds: members }];
  });
}

/** `/api`: APIVersions. */
export function makeCoreVersions(): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

/** `/apis`: APIGroupList. */
export function makeGroupList(kinds: readonly Kind[]): object {
  const groups = groupVersions(kinds)
    .filter(({ group }) => group !== '')
    .map(({ group, version }) => {
      const entry = { groupVersion: `${group}/${version}`, version };
      return { name: group, versions: [entry], preferredVersion: entry };
    });
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** `/api/v1`, `/apis/GROUP/VERSION`: APIResourceList. */
export function makeResourceList(kinds: readonly Kind[], group: string, version: string): object {
  const members = kinds.filter((kind) => kind.group === group && kind.version === version);
  const resources = members.flatMap((kind) => [
    {
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: readWrite,
      shortNames: kind.shortNames,
      categories: kind.categories,
    },
    ...subresources(kind).map((subresource) => ({
      name: `${kind.plural}/${subresource.name}`,
      singularName: '',
      namespaced: kind.namespaced,
      kind: subresource.kind,
      verbs: subresource.verbs,
      ...(subresource.name === 'scale' ? { group: 'autoscaling', version: 'v1' } : {}),
    })),
  ]);
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources,
  };
}

interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

function subresources(kind: Kind): Subresource[] {
  const verbs = ['get', 'patch', 'update'];
  return [
    ...(kind.hasStatus ? [{ name: 'status', kind: kind.kind, verbs }] : []),
    ...(kind.scale === undefined ? [] : [{ name: 'scale', kind: 'Scale', verbs }]),
    ...(kind.kind === 'Pod'
      ? [
          { name: 'log', kind: 'Pod', verbs: ['get'] },
          { name: 'resize', kind: 'Pod', verbs },
        ]
      : []),
  ];
}

/** `/api` and `/apis` in one answer each: APIGroupDiscoveryList v2, which kubectl asks for first. */
export function makeAggregated(kinds: readonly Kind[], which: 'core' | 'groups'): object {
  const wanted = groupVersions(kinds).filter(({ group }) => (group === '') === (which === 'core'));
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: wanted.map(({ group, version, kinds: members }) => ({
      metadata: { name: group, creationTimestamp: null },
      versions: [{ version, resources: members.map(makeDiscovered), freshness: 'Current' }],
    })),
  };
}

function makeDiscovered(kind: Kind): object {
  const { group, version } = kind;
  return {
    resource: kind.plural,
    responseKind: { group, version, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: readWrite,
    shortNames: kind.shortNames,
    categories: kind.categories,
    subresources: subresources(kind).map((subresource) => ({
      subresource: subresource.name,
      responseKind:
        subresource.name === 'scale'
          ? { group: 'autoscaling', version: 'v1', kind: 'Scale' }
          : { group, version, kind: subresource.kind },
      verbs: subresource.verbs,
    })),
  };
}
