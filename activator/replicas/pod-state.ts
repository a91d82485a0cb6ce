import { isTrue } from '../../lib/api/conditions.ts';
import { functionContainer, functionPort, labels } from '../../lib/api/names.ts';
import type { Failure } from '../../lib/api/reasons.ts';
import type { Pod, PodSpec } from '../../lib/kube/objects.ts';
import { isEnding } from '../../lib/kube/pod-phase.ts';

type Container = PodSpec['containers'][number];

export interface PodEndpoint {
  readonly host: string;
  readonly port: number;
}

/** What counts as an answer. `kubelet`: only the Pod's Ready condition does, nothing is sent. */
export type ProbeCheck =
  | { readonly kind: 'connect' }
  | { readonly kind: 'get'; readonly path: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'kubelet' };

/** What the data path reads from a Pod of a function; the Pod itself is not kept. */
export interface PodState {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** `namespace/function`. */
  readonly functionKey: string;
  readonly revisionName: string;
  /** Undefined until the Pod has an IP. */
  readonly endpoint: PodEndpoint | undefined;
  /** The kubelet's Ready condition. */
  readonly ready: boolean;
  /** Being deleted, evicted or done: it takes no new request and the ReplicaSet does not count it. */
  readonly ending: boolean;
  /** Its container is down at the moment. */
  readonly crashed: boolean;
  /** And the kubelet waits before it starts it again. */
  readonly backingOff: boolean;
  readonly restarts: number;
  readonly failure: Failure | undefined;
  readonly check: ProbeCheck;
}

/** Undefined for a Pod that is no function's, which a watch by label should never bring. */
export function readPod(pod: Pod, failureOf: (pod: Pod) => Failure | undefined): PodState | undefined {
  const { uid, name, namespace } = pod.metadata;
  const functionName = pod.metadata.labels?.[labels.function];
  const revisionName = pod.metadata.labels?.[labels.revision];
  const container = containerOf(pod);
  if (uid === undefined || namespace === undefined || functionName === undefined || revisionName === undefined) {
    return undefined;
  }
  return {
    uid,
    namespace,
    name,
    functionKey: `${namespace}/${functionName}`,
    revisionName,
    endpoint: endpointOf(pod, container),
    ready: isTrue(pod.status?.conditions, 'Ready'),
    ending: isEnding(pod),
    ...readContainerStatus(pod),
    failure: failureOf(pod),
    check: checkOf(container),
  };
}

function containerOf(pod: Pod): Container | undefined {
  return pod.spec.containers.find(({ name }) => name === functionContainer) ?? pod.spec.containers[0];
}

function endpointOf(pod: Pod, container: Container | undefined): PodEndpoint | undefined {
  const host = pod.status?.podIP;
  const port = portOf(container?.ports);
  return host === undefined || host === '' || port === undefined ? undefined : { host, port };
}

function readContainerStatus(pod: Pod): Pick<PodState, 'crashed' | 'backingOff' | 'restarts'> {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === functionContainer);
  if (status === undefined) {
    return { crashed: false, backingOff: false, restarts: 0 };
  }
  const backingOff = status.state?.waiting?.reason === 'CrashLoopBackOff';
  return {
    crashed: backingOff || status.state?.terminated !== undefined,
    backingOff,
    restarts: status.restartCount,
  };
}

/** How to find out before the kubelet says so; what cannot be asked over the network is left to the kubelet. */
function checkOf(container: Container | undefined): ProbeCheck {
  if (container?.startupProbe !== undefined) {
    return { kind: 'kubelet' };
  }
  const probe = container?.readinessProbe;
  return probe === undefined ? { kind: 'connect' } : checkLike(probe, container?.ports);
}

function checkLike(probe: NonNullable<Container['readinessProbe']>, ports: Container['ports']): ProbeCheck {
  const { tcpSocket, httpGet } = probe;
  if (tcpSocket !== undefined && isFunctionPort(tcpSocket.port, ports)) {
    return { kind: 'connect' };
  }
  if (httpGet !== undefined && httpGet.scheme !== 'HTTPS' && isFunctionPort(httpGet.port, ports)) {
    const headers = Object.fromEntries((httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value]));
    return { kind: 'get', path: httpGet.path ?? '/', headers };
  }
  return { kind: 'kubelet' };
}

/** Probes name their port or give its number. */
function isFunctionPort(port: unknown, ports: Container['ports']): boolean {
  return port === functionPort || port === portOf(ports);
}

function portOf(ports: Container['ports']): number | undefined {
  return ports?.find(({ name }) => name === functionPort)?.containerPort;
}
