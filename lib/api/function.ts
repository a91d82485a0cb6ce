import type { Condition, KubeObject, PodSpec } from '../kube/objects.ts';

/** What a user writes: `flint.dev/v1alpha1` Function. Field meanings stand in `crds/functions.yaml`. */
export interface FunctionObject extends KubeObject {
  spec: FunctionSpec;
  status?: FunctionStatus;
}

type Container = PodSpec['containers'][number];

/** Exactly one member is set. */
export interface FunctionSource {
  inline?: string;
  configMap?: { name: string };
  image?: string;
}

/** The fields whose change makes a new Revision. */
export interface VersionedSpec {
  runtime?: string;
  source: FunctionSource;
  handler?: string;
  port?: number;
  protocol?: 'Http1' | 'H2c';
  command?: string[];
  args?: string[];
  env?: NonNullable<Container['env']>;
  envFrom?: NonNullable<Container['envFrom']>;
  resources?: NonNullable<Container['resources']>;
  serviceAccountName?: string;
  volumes?: NonNullable<PodSpec['volumes']>;
  volumeMounts?: NonNullable<Container['volumeMounts']>;
  securityContext?: NonNullable<Container['securityContext']>;
  readinessProbe?: NonNullable<Container['readinessProbe']>;
  livenessProbe?: NonNullable<Container['livenessProbe']>;
  startupProbe?: NonNullable<Container['startupProbe']>;
  nodeSelector?: Record<string, string>;
  tolerations?: NonNullable<PodSpec['tolerations']>;
  affinity?: NonNullable<PodSpec['affinity']>;
  topologySpreadConstraints?: NonNullable<PodSpec['topologySpreadConstraints']>;
  priorityClassName?: string;
  runtimeClassName?: string;
  imagePullSecrets?: NonNullable<PodSpec['imagePullSecrets']>;
  /** Strategic-merged last over the generated Pod template; unknown fields are kept. */
  podTemplate?: Record<string, unknown>;
  concurrency?: { limit?: number };
}

export interface ScalingSpec {
  minReplicas?: number;
  maxReplicas?: number;
  initialReplicas?: number;
  activationReplicas?: number;
  metric?: 'Concurrency' | 'RequestRate';
  target?: number;
  targetUtilizationPercent?: number;
  window?: string;
  panicWindow?: string;
  panicThresholdPercent?: number;
  scaleDownDelay?: string;
  idleTimeout?: string;
}

export interface QueueSpec {
  maxRequests?: number;
  /** A Kubernetes quantity, such as `64Mi`. */
  maxBytes?: string | number;
  maxWait?: string;
}

export interface TimeoutsSpec {
  request?: string;
  firstByte?: string;
  idle?: string;
  drain?: string;
}

/** The fields that act at once, without a new Revision. */
export interface LiveSpec {
  scaling?: ScalingSpec;
  queue?: QueueSpec;
  timeouts?: TimeoutsSpec;
  coldStart?: { track?: 'Auto' | 'Pool' | 'Deployment' };
  revisionHistoryLimit?: number;
  paused?: boolean;
}

export interface FunctionSpec extends VersionedSpec, LiveSpec {}

export interface TrafficTarget {
  revisionName: string;
  /** 0 to 100; all targets together are 100. */
  percent: number;
}

export interface FunctionStatus {
  observedGeneration?: number;
  conditions?: Condition[];
  /** Where clients reach the function: `http://hello.shop.example.com`. */
  url?: string;
  /** Inside the cluster: `http://hello.shop.svc.cluster.local`. */
  address?: { url: string };
  latestCreatedRevision?: string;
  latestReadyRevision?: string;
  traffic?: TrafficTarget[];
  /** Ready replicas of the revisions that take traffic. */
  replicas?: number;
}
