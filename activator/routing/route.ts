import type { Failure } from '../../lib/api/reasons.ts';

/** Everything the data path knows about one Function. Replaced as a whole when the Function or its Revisions change. */
export interface FunctionRoute {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly settings: FunctionSettings;
  /** Empty until a Revision is ready. */
  readonly targets: readonly RevisionTarget[];
  /** The newest Revision, which may still have to prove itself; its replicas are not surplus. */
  readonly latestCreatedRevision: string | undefined;
  /** Why no Revision can serve; only set while `targets` is empty. */
  readonly failure: Failure | undefined;
}

export interface RevisionTarget {
  readonly revisionName: string;
  /** 1 to 100. */
  readonly percent: number;
  /** In flight per replica, hard and exact; 0 is none. */
  readonly concurrencyLimit: number;
  readonly protocol: 'Http1' | 'H2c';
}

/** The live part of a Function with every default applied and every unit converted. 0 means off for the timeouts. */
export interface FunctionSettings {
  readonly scaling: ScalingSettings;
  readonly queue: { readonly maxRequests: number; readonly maxBytes: number; readonly maxWaitMs: number };
  readonly timeouts: {
    readonly requestMs: number;
    readonly firstByteMs: number;
    readonly idleMs: number;
    readonly drainMs: number;
  };
}

export interface ScalingSettings {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly activationReplicas: number;
  readonly metric: 'Concurrency' | 'RequestRate';
  readonly target: number;
  readonly targetUtilizationPercent: number;
  readonly windowMs: number;
  readonly panicWindowMs: number;
  readonly panicThresholdPercent: number;
  readonly scaleDownDelayMs: number;
  readonly idleTimeoutMs: number;
}
