import type { OutgoingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { ReplicaAddress } from '../capacity.ts';
import type { RawHeaders } from './headers.ts';

/** What goes to a replica. */
export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: RawHeaders;
  /** Called at most once, when the connection stands: writes the body and ends `sink`. Nothing is read from the client before. */
  readonly sendBody: (sink: OutgoingMessage) => void;
  /** Called for each interim answer (RFC 9110, 15.2), such as 103 Early Hints, that comes before the final one. */
  readonly onInterim: (status: number, headers: RawHeaders) => void;
}

/** The head of what came back; the body is still to be read. */
export interface UpstreamAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly statusText: string;
  readonly headers: RawHeaders;
  /** Fails when the replica breaks off. Once it has ended the connection is free for others. */
  readonly body: Readable;
  /** Complete once the body has ended. */
  readonly trailers: () => RawHeaders;
}

/** The replica agreed to speak another protocol. */
export interface UpstreamUpgrade {
  readonly kind: 'upgrade';
  readonly statusText: string;
  readonly headers: RawHeaders;
  readonly socket: Duplex;
  /** What it said already after its head. */
  readonly early: Buffer;
}

/** Declared for the forwarding handler: how a request gets to a replica. It knows nothing of functions or leases. */
export interface Upstream {
  /**
   * Sends one request over a kept or new connection. An aborted signal ends everything about it, the body of the answer
   * included.
   * @throws UpstreamError when no answer came; the signal's reason once aborted.
   */
  send(
    replica: ReplicaAddress,
    request: UpstreamRequest,
    signal: AbortSignal,
  ): Promise<UpstreamAnswer | UpstreamUpgrade>;
}

/** The connection to a replica did not come about, or broke. The cause is what the socket said. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  /** False only when it is certain that no byte of the request left this process. */
  readonly wasSent: boolean;

  constructor(message: string, wasSent: boolean, cause: unknown) {
    super(message, { cause });
    this.wasSent = wasSent;
  }
}
