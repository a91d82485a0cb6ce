import { findCondition } from '../../../lib/api/conditions.ts';
import type {
  Condition,
  ConfigMap,
  Deployment,
  KubeObject,
  Lease,
  Pod,
  ReplicaSet,
  Service,
} from '../../../lib/kube/objects.ts';
import { ageColumn, humanAge, nameColumn, type TableColumn } from './table.ts';

/** The columns of `kubectl get` for the built-in kinds, as a real server sends them. */

function column(name: string, value: TableColumn['value'], priority = 0): TableColumn {
  return { name, type: 'string', value, priority };
}

function count(name: string, value: TableColumn['value']): TableColumn {
  return { name, type: 'integer', value };
}

const none = '<none>';

export const namespace: readonly TableColumn[] = [
  nameColumn,
  column('Status', (object) => (object.metadata.deletionTimestamp === undefined ? 'Active' : 'Terminating')),
  ageColumn,
];

interface NodeObject extends KubeObject {
  readonly status?: {
    readonly conditions?: Condition[];
    readonly nodeInfo?: Readonly<Record<string, string>>;
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  };
}

export const node: readonly TableColumn[] = [
  nameColumn,
  column('Status', (object) =>
    findCondition((object as NodeObject).status?.conditions, 'Ready')?.status === 'True' ? 'Ready' : 'NotReady',
  ),
  column('Roles', () => '<none>'),
  ageColumn,
  column('Version', (object) => (object as NodeObject).status?.nodeInfo?.['kubeletVersion'] ?? ''),
  column('Internal-IP', (object) => (object as NodeObject).status?.addresses?.[0]?.address ?? '<none>', 1),
  column('External-IP', () => none, 1),
  column('OS-Image', nodeInfo('osImage'), 1),
  column('Kernel-Version', nodeInfo('kernelVersion'), 1),
  column('Container-Runtime', nodeInfo('containerRuntimeVersion'), 1),
];

function nodeInfo(name: string): TableColumn['value'] {
  return (object) => (object as NodeObject).status?.nodeInfo?.[name] ?? '<unknown>';
}

export const pod: readonly TableColumn[] = [
  nameColumn,
  column('Ready', (object) => readyContainers(object as Pod)),
  column('Status', (object) => podStatus(object as Pod)),
  column('Restarts', (object, now) => restarts(object as Pod, now)),
  ageColumn,
  column('IP', (object) => (object as Pod).status?.podIP ?? none, 1),
  column('Node', (object) => (object as Pod).spec.nodeName ?? none, 1),
  column('Nominated Node', () => '<none>', 1),
  column('Readiness Gates', () => '<none>', 1),
];

function readyContainers(value: Pod): string {
  const statuses = value.status?.containerStatuses ?? [];
  return `${statuses.filter((status) => status.ready).length}/${value.spec.containers.length}`;
}

/** `0`, `3 (5m ago)`: since the last run of any container ended. */
function restarts({ status }: Pod, now: number): string {
  const statuses = status?.containerStatuses ?? [];
  const count = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0);
  // RFC 3339 in UTC sorts as text.
  const last = statuses
    .flatMap(({ lastState }) => lastState?.terminated?.finishedAt ?? [])
    .sort()
    .at(-1);
  return count === 0 || last === undefined ? String(count) : `${count} (${humanAge(last, now)} ago)`;
}

/** The reason of a container that does not run says more than the Pod's phase. */
function podStatus(value: Pod): string {
  if (value.metadata.deletionTimestamp !== undefined) {
    return 'Terminating';
  }
  const reasons = (value.status?.containerStatuses ?? []).map(
    ({ state }) => state?.waiting?.reason ?? state?.terminated?.reason,
  );
  return reasons.find((reason) => reason !== undefined) ?? value.status?.phase ?? 'Unknown';
}

export const deployment: readonly TableColumn[] = [
  nameColumn,
  column('Ready', (object) => {
    const { spec, status } = object as Deployment;
    return `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`;
  }),
  count('Up-to-date', (object) => (object as Deployment).status?.updatedReplicas ?? 0),
  count('Available', (object) => (object as Deployment).status?.availableReplicas ?? 0),
  ageColumn,
  column('Containers', (object) => containerNames(object as Deployment), 1),
  column('Images', (object) => images(object as Deployment), 1),
  column('Selector', (object) => selector(object as Deployment), 1),
];

export const replicaSet: readonly TableColumn[] = [
  nameColumn,
  count('Desired', (object) => (object as ReplicaSet).spec.replicas ?? 0),
  count('Current', (object) => (object as ReplicaSet).status?.replicas ?? 0),
  count('Ready', (object) => (object as ReplicaSet).status?.readyReplicas ?? 0),
  ageColumn,
  column('Containers', (object) => containerNames(object as ReplicaSet), 1),
  column('Images', (object) => images(object as ReplicaSet), 1),
  column('Selector', (object) => selector(object as ReplicaSet), 1),
];

type Workload = Deployment | ReplicaSet;

function containerNames(workload: Workload): string {
  return (workload.spec.template?.spec?.containers ?? []).map((container) => container.name).join(',');
}

function images(workload: Workload): string {
  return (workload.spec.template?.spec?.containers ?? []).map((container) => container.image).join(',');
}

function selector(workload: Workload): string {
  return selectorText(workload.spec.selector);
}

export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** `app=web,tier in (a,b),!old`; `<none>` for one that selects everything. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: Selector = {}): string {
  const labels = Object.entries(matchLabels).map(([name, value]) => `${name}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists' || operator === 'DoesNotExist') {
      return operator === 'Exists' ? key : `!${key}`;
    }
    return `${key} ${operator.toLowerCase()} (${values.join(',')})`;
  });
  return [...labels, ...expressions].join(',') || none;
}

export const service: readonly TableColumn[] = [
  nameColumn,
  column('Type', (object) => (object as Service).spec.type),
  column('Cluster-IP', (object) => (object as Service).spec.clusterIP ?? none),
  column('External-IP', (object) => (object as Service).spec.externalName ?? none),
  column('Port(s)', (object) => {
    const ports = ((object as Service).spec.ports ?? []).map((port) => `${port.port}/${port.protocol ?? 'TCP'}`);
    return ports.length === 0 ? '<none>' : ports.join(',');
  }),
  ageColumn,
  column('Selector', (object) => selectorText({ matchLabels: (object as Service).spec.selector ?? {} }), 1),
];

export const configMap: readonly TableColumn[] = [
  nameColumn,
  count('Data', (object) => {
    const { data, binaryData } = object as ConfigMap;
    return Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length;
  }),
  ageColumn,
];

export const secret: readonly TableColumn[] = [
  nameColumn,
  column('Type', (object) => (object as { type?: string } & KubeObject).type ?? 'Opaque'),
  count('Data', (object) => Object.keys((object as ConfigMap).data ?? {}).length),
  ageColumn,
];

interface EventObject extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly note?: string;
  readonly message?: string;
  readonly eventTime?: string;
  readonly lastTimestamp?: string;
  readonly regarding?: { readonly kind?: string; readonly name?: string };
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

export const event: readonly TableColumn[] = [
  column('Last Seen', (object, now) => {
    const { lastTimestamp, eventTime } = object as EventObject;
    return humanAge(lastTimestamp ?? eventTime ?? object.metadata.creationTimestamp, now);
  }),
  column('Type', (object) => (object as EventObject).type),
  column('Reason', (object) => (object as EventObject).reason),
  column('Object', (object) => {
    const { regarding, involvedObject } = object as EventObject;
    const subject = regarding ?? involvedObject;
    return `${(subject?.kind ?? '').toLowerCase()}/${subject?.name ?? ''}`;
  }),
  column('Message', (object) => (object as EventObject).note ?? (object as EventObject).message ?? ''),
];

export const lease: readonly TableColumn[] = [
  nameColumn,
  column('Holder', (object) => (object as Lease).spec.holderIdentity ?? ''),
  ageColumn,
];
