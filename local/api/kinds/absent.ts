import type { KindNames } from './kind.ts';

/** A kind of Kubernetes that the embedded cluster does not run. */
export interface AbsentKind extends KindNames {
  /** What to do without it; ends the sentence of the refusal. */
  readonly instead: string;
  /** There is nothing to list, not even nothing: reading is refused as well. */
  readonly isUnreadable?: boolean;
}

const asWorkload = 'write a Function, or a Deployment of a Flint runtime';
const asProcess = 'write a Function and call it when its work is due, from cron or from a shell of this machine';
const asVolume = 'use emptyDir, configMap, secret, projected or downwardAPI volumes';
const asAddress = 'call the function by its URL, which kubectl get functions prints';
const asScaling = 'state minReplicas, maxReplicas and target in spec.scaling of the Function';
const asRules = 'state rules in the CRD, as x-kubernetes-validations';
const asMeasure = 'look at the processes of this machine, and at /metrics of the activator';

/**
 * Kinds that a client may look for in any cluster. They are listed, and empty: `kubectl apply --prune` and `kubectl get all` ask
 * for them by name. Creating one would be a wrong success, and is refused.
 */
export const absentKinds: readonly AbsentKind[] = [
  { kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'], instead: asAddress },
  { kind: 'LimitRange', plural: 'limitranges', shortNames: ['limits'], instead: 'state resources in the Function' },
  {
    kind: 'PersistentVolume',
    plural: 'persistentvolumes',
    shortNames: ['pv'],
    clusterScoped: true,
    instead: asVolume,
  },
  { kind: 'PersistentVolumeClaim', plural: 'persistentvolumeclaims', shortNames: ['pvc'], instead: asVolume },
  { kind: 'PodTemplate', plural: 'podtemplates', instead: asWorkload },
  {
    kind: 'ReplicationController',
    plural: 'replicationcontrollers',
    shortNames: ['rc'],
    inAll: true,
    instead: asWorkload,
  },
  { group: 'apps', kind: 'ControllerRevision', plural: 'controllerrevisions', instead: asWorkload },
  { group: 'apps', kind: 'DaemonSet', plural: 'daemonsets', shortNames: ['ds'], inAll: true, instead: asWorkload },
  { group: 'apps', kind: 'StatefulSet', plural: 'statefulsets', shortNames: ['sts'], inAll: true, instead: asWorkload },
  ...['v2', 'v1'].map((version) => ({
    group: 'autoscaling',
    version,
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
    shortNames: ['hpa'],
    inAll: true,
    instead: asScaling,
  })),
  { group: 'batch', kind: 'CronJob', plural: 'cronjobs', shortNames: ['cj'], inAll: true, instead: asProcess },
  { group: 'batch', kind: 'Job', plural: 'jobs', inAll: true, instead: asProcess },
  { group: 'discovery.k8s.io', kind: 'EndpointSlice', plural: 'endpointslices', instead: asAddress },
  { group: 'networking.k8s.io', kind: 'Ingress', plural: 'ingresses', shortNames: ['ing'], instead: asAddress },
  {
    group: 'networking.k8s.io',
    kind: 'IngressClass',
    plural: 'ingressclasses',
    clusterScoped: true,
    instead: asAddress,
  },
  {
    group: 'storage.k8s.io',
    kind: 'StorageClass',
    plural: 'storageclasses',
    shortNames: ['sc'],
    clusterScoped: true,
    instead: asVolume,
  },
  {
    group: 'scheduling.k8s.io',
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    shortNames: ['pc'],
    clusterScoped: true,
    instead: 'leave priorityClassName out: its one node takes every Pod',
  },
  ...['Mutating', 'Validating'].map((what) => ({
    group: 'admissionregistration.k8s.io',
    kind: `${what}WebhookConfiguration`,
    plural: `${what.toLowerCase()}webhookconfigurations`,
    clusterScoped: true,
    instead: asRules,
  })),
  // kubectl top asks for these.
  ...[
    { kind: 'NodeMetrics', plural: 'nodes', clusterScoped: true },
    { kind: 'PodMetrics', plural: 'pods' },
  ].map((kind) => ({
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    ...kind,
    instead: asMeasure,
    isUnreadable: true,
  })),
];
