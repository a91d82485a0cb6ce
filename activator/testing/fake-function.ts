import type { FunctionRoute, FunctionSettings, RevisionTarget, ScalingSettings } from '../routing/route.ts';
import { defaultSettings } from '../routing/settings.ts';

/** Of a function that says nothing. */
export const defaultScaling: ScalingSettings = defaultSettings.scaling;

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
      queue: { ...defaultSettings.queue, ...queue },
      timeouts: { ...defaultSettings.timeouts, ...(drainMs === undefined ? {} : { drainMs }) },
    },
    ...rest,
  };
}

export function aTarget(revisionName: string, fields: Partial<RevisionTarget> = {}): RevisionTarget {
  return { revisionName, percent: 100, concurrencyLimit: 0, protocol: 'Http1', ...fields };
}
