import type { KubeObject } from '../../lib/kube/objects.ts';

/** What is to be said about an object; `kubectl describe` shows it. */
export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** PascalCase and specific: `RevisionReady`. */
  readonly reason: string;
  /** What was being done, PascalCase. */
  readonly action: string;
  readonly note: string;
}

/** Where reconcilers say what happened. It never blocks and never fails. */
export interface EventSink {
  record(regarding: KubeObject, event: EventNote): void;
}
