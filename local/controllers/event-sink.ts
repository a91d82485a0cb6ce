import type { KubeObject } from '../../lib/kube/objects.ts';

export interface ObjectEvent {
  readonly type: 'Normal' | 'Warning';
  /** PascalCase, as `ScalingReplicaSet`. */
  readonly reason: string;
  /** What was being done, PascalCase. */
  readonly action: string;
  /** A sentence for people; `kubectl describe` shows it. */
  readonly note: string;
}

/** Takes what is to be said about an object. It never blocks and never fails. */
export interface EventSink {
  record(regarding: KubeObject, event: ObjectEvent): void;
}
