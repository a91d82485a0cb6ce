import type {
  V1ConfigMap,
  V1DeploymentSpec,
  V1DeploymentStatus,
  V1LeaseSpec,
  V1PodSpec,
  V1PodStatus,
  V1PodTemplateSpec,
  V1ReplicaSetSpec,
  V1ReplicaSetStatus,
  V1ServiceSpec,
} from '@kubernetes/client-node';

/** What a type of the official client looks like on the wire: moments are RFC 3339 strings there, not `Date`. */
type Json<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Json<Item>[]
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  /** Absent on cluster-scoped objects. */
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  generateName?: string;
  managedFields?: unknown[];
}

/** Any object of the API, as JSON. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** metav1.Condition. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
}

export type PodSpec = Json<V1PodSpec>;
export type PodStatus = Json<V1PodStatus>;
export type PodTemplateSpec = Json<V1PodTemplateSpec>;

export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: PodStatus;
}

export interface Deployment extends KubeObject {
  spec: Json<V1DeploymentSpec>;
  status?: Json<V1DeploymentStatus>;
}

export interface ReplicaSet extends KubeObject {
  spec: Json<V1ReplicaSetSpec>;
  status?: Json<V1ReplicaSetStatus>;
}

export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
  binaryData?: Record<string, string>;
  immutable?: boolean;
}

export type ConfigMapData = Pick<V1ConfigMap, 'data' | 'binaryData'>;

export interface Service extends KubeObject {
  spec: Json<V1ServiceSpec>;
}

export interface Lease extends KubeObject {
  spec: Json<V1LeaseSpec>;
}

/** autoscaling/v1 Scale, what the `scale` subresource speaks. */
export interface Scale extends KubeObject {
  spec: { replicas?: number };
  status?: { replicas: number; selector?: string };
}
