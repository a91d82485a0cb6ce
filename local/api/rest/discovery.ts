import { isNamespace, type Kind } from '../kinds/kind.ts';
import { refuse } from '../status.ts';

const readWrite = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

interface Group {
  readonly group: string;
  /** The preferred one first. */
  readonly versions: readonly { readonly version: string; readonly kinds: readonly Kind[] }[];
}

function groupsOf(kinds: readonly Kind[]): Group[] {
  const groups = Map.groupBy(kinds, ({ group }) => group);
  return [...groups].map(([group, members]) => {
    const versions = Map.groupBy(members, ({ version }) => version);
    return { group, versions: [...versions].map(([version, ofVersion]) => ({ version, kinds: ofVersion })) };
  });
}

/** `/api`: APIVersions. */
export function makeCoreVersions(): object {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

/** `/apis`: APIGroupList. */
export function makeGroupList(kinds: readonly Kind[]): object {
  const groups = groupsOf(kinds)
    .filter(({ group }) => group !== '')
    .map(makeGroup);
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

function makeGroup({ group, versions }: Group): object {
  const entries = versions.map(({ version }) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: entries, preferredVersion: entries[0] };
}

/** `/apis/GROUP`: APIGroup. @throws StatusError NotFound */
export function findGroup(kinds: readonly Kind[], name: string): object {
  const found = groupsOf(kinds).find(({ group }) => group === name);
  if (found === undefined) {
    throw refuse('NotFound', 'the server could not find the requested resource');
  }
  return { kind: 'APIGroup', apiVersion: 'v1', ...makeGroup(found) };
}

/** `/api/v1`, `/apis/GROUP/VERSION`: APIResourceList. @throws StatusError NotFound */
export function makeResourceList(kinds: readonly Kind[], group: string, version: string): object {
  const members = kinds.filter((kind) => kind.group === group && kind.version === version);
  if (members.length === 0) {
    throw refuse('NotFound', 'the server could not find the requested resource');
  }
  const resources = members.flatMap((kind) => [
    {
      name: kind.plural,
      singularName: kind.singular,
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: verbsOf(kind),
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

/** An absent kind has them too, as it would elsewhere: what it does not do is refused by name. */
function verbsOf({ absence }: Kind): readonly string[] {
  return absence?.isReadable === false ? ['get', 'list'] : readWrite;
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
    ...(isNamespace(kind) ? [{ name: 'finalize', kind: kind.kind, verbs: ['update'] }] : []),
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
  const wanted = groupsOf(kinds).filter(({ group }) => (group === '') === (which === 'core'));
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: wanted.map(({ group, versions }) => ({
      metadata: { name: group, creationTimestamp: null },
      versions: versions.map(({ version, kinds: members }) => ({
        version,
        resources: members.map(makeDiscovered),
        freshness: 'Current',
      })),
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
    verbs: verbsOf(kind),
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
