import type { Pod } from '../../lib/kube/objects.ts';

interface LogOptions {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  readonly limitBytes?: number;
}

/** Where the server finds what a container printed; the node knows. */
export interface LogSource {
  /** @throws StatusError BadRequest when the container has not started. */
  open(pod: Pod, container: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>;
}
