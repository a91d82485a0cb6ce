import type { Deployment, KubeObject, Pod, PodSpec, ReplicaSet, Service } from '../../../lib/kube/objects.ts';

/** What a real server fills in where an object says nothing, as far as clients look at it. */

export function refillNothing(): void {
  // Most kinds have no computed defaults.
}

/** `spec.finalizers` holds a namespace that is deleted until it is empty; only the `finalize` subresource changes it. */
export function fillInNamespace(object: KubeObject): void {
  const namespace = object as KubeObject & { spec?: { finalizers?: string[] }; status?: { phase?: string } };
  const { metadata } = namespace;
  metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
  // Without a status it is being born: later, no finalizers are none.
  if (namespace.status === undefined) {
    namespace.spec = { ...namespace.spec, finalizers: namespace.spec?.finalizers ?? ['kubernetes'] };
    namespace.status = { phase: 'Active' };
  }
}

export function fillInPod(object: KubeObject): void {
  const pod = object as Pod;
  fillInPodSpec(pod.spec);
  pod.status ??= { phase: 'Pending', qosClass: 'Burstable' };
}

export function fillInDeployment(object: KubeObject): void {
  const { spec } = object as Deployment;
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
  spec.strategy ??= {};
  spec.strategy.type ??= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate = { maxSurge: '25%', maxUnavailable: '25%', ...spec.strategy.rollingUpdate };
  }
  fillInTemplate(spec.template.spec);
}

export function fillInReplicaSet(object: KubeObject): void {
  const { spec } = object as ReplicaSet;
  spec.replicas ??= 1;
  fillInTemplate(spec.template?.spec);
}

/** The fields of one group in the names of the other: core/v1 and events.k8s.io/v1 are two views of one object. */
export function fillInEvent(object: KubeObject): void {
  const event = object as KubeObject &
    Record<string, unknown> & { readonly series?: { readonly count?: number; readonly lastObservedTime?: string } };
  const views = [
    ['note', 'message'],
    ['regarding', 'involvedObject'],
    ['reportingController', 'reportingComponent'],
  ] as const;
  for (const [own, core] of views) {
    event[own] ??= event[core];
    event[core] ??= event[own];
  }
  event['source'] ??= { component: event['reportingController'] };
  const { eventTime, lastTimestamp = eventTime, count = 1, series } = event;
  event['firstTimestamp'] ??= eventTime;
  Object.assign(event, { lastTimestamp, count });
  if (series !== undefined) {
    Object.assign(event, { lastTimestamp: series.lastObservedTime, count: series.count });
  }
}

/** `stringData` is for writing only: its values end up in `data`, over what was there. */
export function fillInSecret(object: KubeObject): void {
  const secret = object as KubeObject & {
    type?: string;
    data?: Record<string, string>;
    stringData?: Readonly<Record<string, string>>;
  };
  secret.type ??= 'Opaque';
  const { stringData } = secret;
  if (stringData !== undefined) {
    const encoded = Object.entries(stringData).map(
      ([key, text]) => [key, Buffer.from(text).toString('base64')] as const,
    );
    secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
    delete secret.stringData;
  }
}

/** Before it is validated: there may be no names. */
export function fillInDefinition(object: KubeObject): void {
  const { spec } = object as KubeObject & {
    spec?: { names?: { kind?: string; singular?: string; listKind?: string }; conversion?: object };
  };
  const { names } = spec ?? {};
  if (spec === undefined || names?.kind === undefined) {
    return;
  }
  names.singular ??= names.kind.toLowerCase();
  names.listKind ??= `${names.kind}List`;
  spec.conversion ??= { strategy: 'None' };
}

export function fillInService(object: KubeObject): void {
  const { spec } = object as Service;
  spec.type ??= 'ClusterIP';
  spec.sessionAffinity ??= 'None';
  spec.ports?.forEach((port) => {
    port.protocol ??= 'TCP';
    if (spec.type !== 'ExternalName') {
      port.targetPort ??= port.port;
    }
  });
  if (spec.type !== 'ExternalName') {
    // Nothing routes Service addresses here: `None` is the honest one.
    spec.clusterIP ??= 'None';
    spec.clusterIPs ??= [spec.clusterIP];
    spec.internalTrafficPolicy ??= 'Cluster';
  }
}

function fillInTemplate(spec: PodSpec | undefined): void {
  if (spec !== undefined) {
    fillInPodSpec(spec);
  }
}

function fillInPodSpec(spec: PodSpec): void {
  spec.restartPolicy ??= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.securityContext ??= {};
  spec.schedulerName ??= 'default-scheduler';
  [...spec.containers, ...(spec.initContainers ?? [])].forEach(fillInContainer);
  spec.volumes?.forEach((volume) => {
    if (volume.configMap !== undefined) {
      volume.configMap.defaultMode ??= 0o644;
    }
    if (volume.secret !== undefined) {
      volume.secret.defaultMode ??= 0o644;
    }
  });
}

type Container = PodSpec['containers'][number];

function fillInContainer(container: Container): void {
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  container.imagePullPolicy ??= hasMutableTag(container.image ?? '') ? 'Always' : 'IfNotPresent';
  container.resources ??= {};
  container.ports?.forEach((port) => {
    port.protocol ??= 'TCP';
  });
  for (const probe of [container.readinessProbe, container.livenessProbe, container.startupProbe]) {
    fillInProbe(probe);
  }
}

function fillInProbe(probe: Container['readinessProbe']): void {
  if (probe === undefined) {
    return;
  }
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  if (probe.httpGet !== undefined) {
    probe.httpGet.scheme ??= 'HTTP';
    probe.httpGet.path ??= '/';
  }
}

function hasMutableTag(image: string): boolean {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return !name.includes('@') && (!name.includes(':') || name.endsWith(':latest'));
}
