import type { PodEndpoint } from './pod-state.ts';

/** What counts as an answer. `kubelet`: only the Pod's Ready condition does, nothing is sent. */
export type ProbeCheck =
  | { readonly kind: 'connect' }
  | { readonly kind: 'get'; readonly path: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'kubelet' };

/** Tries once whether a replica answers. Resolves to false for every way of not answering, an aborted signal included. */
export type Probe = (
  endpoint: PodEndpoint,
  check: Exclude<ProbeCheck, { kind: 'kubelet' }>,
  signal: AbortSignal,
) => Promise<boolean>;
