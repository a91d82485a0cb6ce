import type { FunctionRoute, FunctionSettings, RevisionTarget, ScalingSettings } from '../routing/route.ts';

/** The defaults of the API. */
export const defaultScaling: ScalingSettings = {
  minReplicas: 0,
  maxReplicas: 100,
  activationReplicas: 1,
  metric: 'Concurrency',
  target: 100,
  targetUtilizationPercent: 70,
  windowMs: 60_000,
  panicWindowMs: 6000,
  panicThresholdPercent: 200,
  scaleDownDelayMs: 0,
  idleTimeoutMs: 30_000,
};

export interface RouteFields extends Partial<Omit<FunctionRoute, 'settings' | 'targets'>> {
  readonly scaling?: Partial<ScalingSettings>;
  readonly queue?: Partial<FunctionSettings['queue']>;
  readonly drainMs?: number;
  /** Of the one target that is made when `targets` is absent. */
  readonly concurrencyLimit?: number;
  readonly targets?: readonly RevisionTarget[];
}

/** `shop/hello`, served by `hello-1`, with default settings. */
export function aRoute(fields: RouteFields = {}): FunctionRoute {
  const { scaling, queue, drainMs, concurrencyLimit, targets, ...rest } = fields;
  return {
    key: 'shop/hello',
    namespace: 'shop',
    name: 'hello',
    latestCreatedRevision: 'hello-1',
    failure: undefined,
    targets: targets ?? [aTarget('hello-1', { concurrencyLimit: concurrencyLimit ?? 0 })],
    settings: {
      scaling: { ...defaultScaling, ...scaling },
      queue: { maxRequests: 1000, maxBytes: 64 * 1024 * 1024, maxWaitMs: 60_000, ...queue },
      timeouts: { requestMs: 300_000, firstByteMs: 0, idleMs: 0, drainMs: drainMs ?? 30_000 },
    },
    ...rest,
  };
}

export function aTarget(revisionName: string, fields: Partial<RevisionTarget> = {}): RevisionTarget {
  return { revisionName, percent: 100, concurrencyLimit: 0, protocol: 'Http1', ...fields };
}
