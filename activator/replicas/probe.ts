import type { PodEndpoint, ProbeCheck } from './pod-state.ts';

/** Tries once whether a replica answers. Resolves to false for every way of not answering, an aborted signal included. */
export type Probe = (
  endpoint: PodEndpoint,
  check: Exclude<ProbeCheck, { kind: 'kubelet' }>,
  signal: AbortSignal,
) => Promise<boolean>;
