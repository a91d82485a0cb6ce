import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ReplicaAddress } from '../capacity.ts';

export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  /** Name and value in turn. */
  readonly headers: readonly string[];
  readonly signal: AbortSignal;
  /** Writes the body, once there is a connection; it has to end the request. */
  readonly writeBody: (request: ClientRequest) => void;
}

export type UpstreamAnswer =
  | { readonly kind: 'response'; readonly response: IncomingMessage }
  | { readonly kind: 'upgrade'; readonly response: IncomingMessage; readonly socket: Duplex; readonly head: Buffer };

/** Thrown when a replica could not be reached. `sent` tells whether it may have seen something of the request. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly sent: boolean;
  /** The system's code of the cause, as ECONNREFUSED. */
  readonly code: string | undefined;

  constructor(sent: boolean, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.sent = sent;
    this.code = (cause as NodeJS.ErrnoException | undefined)?.code;
  }
}

/** Carries requests to replicas. The bytes' way is behind this, so that another one can take its place. */
export interface Upstream {
  /** Resolves with the head of the answer. @throws UpstreamError */
  send(replica: ReplicaAddress, request: UpstreamRequest): Promise<UpstreamAnswer>;
  /** The replica is gone: its idle connections are closed. */
  forget(replicaId: string): void;
  close(): void;
}

const connectTimeoutMs = 5000;
const mostIdlePerReplica = 256;

/** With the system's own code: a replica too busy to accept is overloaded, not dead. */
function connectTimeout(): Error {
  return Object.assign(new Error('the connection was not accepted in time'), { code: 'ETIMEDOUT' });
}

/** Over node:http with kept-alive connections of each replica. */
export class HttpUpstream implements Upstream {
  readonly #agents = new Map<string, Agent>();

  async send(replica: ReplicaAddress, request: UpstreamRequest): Promise<UpstreamAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<UpstreamAnswer>();
    let sent = false;
    const outgoing = httpRequest({
      agent: this.#agentOf(replica),
      host: replica.host,
      port: replica.port,
      method: request.method,
      path: request.path,
      headers: [...request.headers],
      signal: request.signal,
      setHost: false,
    });
    const begin = (): void => {
      sent = true;
      request.writeBody(outgoing);
    };
    outgoing.once('socket', (socket) => {
      if (!socket.connecting) {
        begin();
        return;
      }
      // Nothing is read of the body, and nothing written, before it is sure that somebody takes it.
      socket.setTimeout(connectTimeoutMs, () => outgoing.destroy(connectTimeout()));
      socket.once('connect', () => {
        socket.setTimeout(0);
        begin();
      });
    });
    outgoing.once('response', (response) => {
      resolve({ kind: 'response', response });
    });
    outgoing.once('upgrade', (response, socket, head) => {
      resolve({ kind: 'upgrade', response, socket, head });
    });
    // Stays: after the answer's head its errors come through the body, and this would be one without a listener.
    outgoing.on('error', (error) => {
      reject(new UpstreamError(sent, error));
    });
    return promise;
  }

  forget(replicaId: string): void {
    this.#agents.get(replicaId)?.destroy();
    this.#agents.delete(replicaId);
  }

  close(): void {
    for (const id of [...this.#agents.keys()]) {
      this.forget(id);
    }
  }

  #agentOf(replica: ReplicaAddress): Agent {
    const known = this.#agents.get(replica.id);
    if (known !== undefined) {
      return known;
    }
    // Replicas keep idle connections open for good: only a dead one closes them.
    const agent = new Agent({ keepAlive: true, maxFreeSockets: mostIdlePerReplica, scheduling: 'lifo' });
    this.#agents.set(replica.id, agent);
    return agent;
  }
}
