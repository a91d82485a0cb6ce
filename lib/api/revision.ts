import type { Condition, KubeObject, PodSpec } from '../kube/objects.ts';
import type { VersionedSpec } from './function.ts';

type Container = PodSpec['containers'][number];

/** An immutable snapshot of a Function's versioned part with its Runtime resolved. Made by the operator only. */
export interface Revision extends KubeObject {
  spec: RevisionSpec;
  status?: RevisionStatus;
}

/** Everything the Pod needs; nothing in here refers to an object that may change, except what Pods themselves refer to. */
export interface RevisionSpec extends Omit<VersionedSpec, 'source' | 'port' | 'protocol'> {
  functionName: string;
  /** Resolved: the Runtime's image, or `source.image`. */
  image: string;
  /** Absent for image functions. */
  code?: RevisionCode;
  port: number;
  protocol: 'Http1' | 'H2c';
  /** Resolved from the Runtime where the Function said nothing. */
  resources?: NonNullable<Container['resources']>;
}

interface RevisionCode {
  /** SHA-256 over the sorted file names and bytes, in hex. */
  sha256: string;
  /** Where the runtime finds the files. */
  path: string;
  /** Names of the files, sorted; the bytes are in the ConfigMap named like the Revision. */
  files: string[];
}

export interface RevisionStatus {
  observedGeneration?: number;
  /** `Ready`: proven once (or unproven with `initialReplicas: 0`); `Active`: has replicas. */
  conditions?: Condition[];
  /** Ready replicas. */
  replicas?: number;
  coldStart?: ColdStartStatus;
}

interface ColdStartStatus {
  count: number;
  /** Phases of the last one in milliseconds, by name as in `Server-Timing`. */
  lastPhasesMs?: Record<string, number>;
}
