import type { Agent as HttpAgent, ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/errors.ts';
import { Agent, request as httpRequest } from '../../lib/http/node-http.ts';
import type { ReplicaAddress } from '../capacity.ts';
import {
  type Upstream,
  type UpstreamAnswer,
  UpstreamError,
  type UpstreamRequest,
  type UpstreamUpgrade,
} from './upstream.ts';

export interface HttpUpstreamOptions {
  readonly clock: Clock;
  /** How long a replica may take to accept a connection. */
  readonly connectMs: number;
  /** Idle connections are closed after this, or a second before the replica said that it would (`Keep-Alive: timeout`). */
  readonly keepAliveMs: number;
  /** Of the head of an answer. */
  readonly maxHeaderBytes: number;
}

/** A thousand idle connections to one replica serve nobody; the rest is closed after its use. */
const maxIdlePerReplica = 256;

/**
 * HTTP/1.1 to replicas over node:http. It costs some 25 µs more a request than undici's dispatcher, but it sends the head
 * before the client has sent any of its body, carries trailers both ways, and shows its sockets, which is what makes
 * "nothing was sent yet" certain.
 */
export class HttpUpstream implements Upstream {
  readonly #options: HttpUpstreamOptions;
  /** By the replica's id: another Pod may get the same address. */
  readonly #agents = new Map<string, HttpAgent>();
  /** Those that speak another protocol now; agents let go of them. */
  readonly #upgraded = new Map<string, Set<Socket>>();

  constructor(options: HttpUpstreamOptions) {
    this.#options = options;
  }

  send(
    replica: ReplicaAddress,
    request: UpstreamRequest,
    signal: AbortSignal,
  ): Promise<UpstreamAnswer | UpstreamUpgrade> {
    if (signal.aborted) {
      return Promise.reject(signal.reason as Error);
    }
    const outgoing = httpRequest({
      agent: this.#agentOf(replica.id),
      host: replica.host,
      port: replica.port,
      method: request.method,
      path: request.path,
      headers: request.headers,
      maxHeaderSize: this.#options.maxHeaderBytes,
    });
    // Bounded by bytes; beyond a count Node would drop headers and say nothing.
    outgoing.maxHeadersCount = 0;
    outgoing.once('upgrade', (_response, socket) => {
      this.#keep(replica.id, socket);
    });
    return new Sending(outgoing, this.#options).run(request, signal);
  }

  #keep(replicaId: string, socket: Socket): void {
    const sockets = this.#upgraded.get(replicaId) ?? new Set();
    this.#upgraded.set(replicaId, sockets.add(socket));
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.#upgraded.get(replicaId) === sockets) {
        this.#upgraded.delete(replicaId);
      }
    });
  }

  /** The replica is gone: ends every connection to it, also those in use. Its node may be, too, and never say so. */
  forget(replicaId: string): void {
    this.#agents.get(replicaId)?.destroy();
    this.#agents.delete(replicaId);
    this.#upgraded.get(replicaId)?.forEach((socket) => socket.destroy());
    this.#upgraded.delete(replicaId);
  }

  close(): void {
    for (const id of [...this.#agents.keys(), ...this.#upgraded.keys()]) {
      this.forget(id);
    }
  }

  #agentOf(replicaId: string): HttpAgent {
    const known = this.#agents.get(replicaId);
    if (known !== undefined) {
      return known;
    }
    const agent = new Agent({
      keepAlive: true,
      maxFreeSockets: maxIdlePerReplica,
      // The connection used last is the one least likely to be closed by the other side just now.
      scheduling: 'lifo',
      timeout: this.#options.keepAliveMs,
    });
    this.#agents.set(replicaId, agent);
    return agent;
  }
}

/**
 * One request on its way.
 * connecting => sent when the connection stands; a kept one does from the start.
 * connecting | sent => answered with the head of the answer; => failed.
 */
class Sending {
  readonly #outgoing: ClientRequest;
  readonly #options: HttpUpstreamOptions;
  readonly #answer = Promise.withResolvers<UpstreamAnswer | UpstreamUpgrade>();
  #socket: Socket | undefined;
  /** What the connection had carried before it became ours; undefined until it stands. */
  #bytesBefore: number | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(outgoing: ClientRequest, options: HttpUpstreamOptions) {
    this.#outgoing = outgoing;
    this.#options = options;
  }

  run(request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamAnswer | UpstreamUpgrade> {
    const outgoing = this.#outgoing;
    const abort = (): void => {
      outgoing.destroy(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    outgoing
      .once('socket', (socket) => {
        this.#connect(socket, request);
      })
      .on('information', ({ statusCode, rawHeaders }) => {
        this.#attempt(() => {
          request.onInterim(statusCode, rawHeaders);
        });
      })
      .once('response', (response) => {
        this.#answered(response);
      })
      .once('upgrade', (response, socket, early) => {
        // Node has let go of the connection; an error on it would end the process.
        socket.on('error', () => undefined);
        const { statusMessage = '', rawHeaders: headers } = response;
        this.#answer.resolve({ kind: 'upgrade', statusText: statusMessage, headers, socket, early });
      })
      // Stays for good: after the head, errors reach the reader of the body, and this one as well.
      .on('error', (error) => {
        this.#cancelTimer?.();
        this.#answer.reject(signal.aborted ? signal.reason : this.#explain(error));
      })
      .once('close', () => {
        signal.removeEventListener('abort', abort);
      });
    return this.#answer.promise;
  }

  #connect(socket: Socket, request: UpstreamRequest): void {
    this.#socket = socket;
    if (!socket.connecting) {
      this.#connected(socket, request);
      return;
    }
    this.#cancelTimer = this.#options.clock.schedule(this.#options.connectMs, () => {
      const message = `no connection within ${this.#options.connectMs} ms`;
      this.#outgoing.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }));
    });
    socket.once('connect', () => {
      this.#cancelTimer?.();
      this.#connected(socket, request);
    });
  }

  #connected(socket: Socket, request: UpstreamRequest): void {
    this.#bytesBefore = socket.bytesWritten;
    this.#attempt(() => {
      request.sendBody(this.#outgoing);
    });
  }

  /** What is thrown where Node emits would end the process; so it ends its request. */
  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#answer.reject(this.#explain(error));
    this.#outgoing.destroy();
  }

  #answered(response: IncomingMessage): void {
    const { statusCode = 0, statusMessage = '', rawHeaders } = response;
    if (!isStatusLine(statusCode, statusMessage)) {
      this.#fail(new Error(`its answer has the status line '${statusCode} ${statusMessage}'`));
      return;
    }
    if (!this.#outgoing.shouldKeepAlive) {
      failWithoutEnd(response);
    }
    response.once('end', () => {
      // Answered before all was sent: on this connection nobody could tell where the next request begins.
      if (!this.#outgoing.writableFinished) {
        this.#outgoing.destroy();
      }
    });
    this.#answer.resolve({
      kind: 'answer',
      status: statusCode,
      statusText: statusMessage,
      headers: rawHeaders,
      body: response,
      trailers: () => response.rawTrailers,
    });
  }

  #explain(error: Error): UpstreamError {
    const before = this.#bytesBefore;
    const wasSent = before !== undefined && (this.#socket?.bytesWritten ?? Infinity) > before;
    return new UpstreamError(errorMessage(error), wasSent, error);
  }
}

/** Node's parser takes more of it than its own answers do, and than a client could make anything of. */
function isStatusLine(status: number, phrase: string): boolean {
  // 101 is only here when it names no protocol; other interim answers do not come as answers.
  return status >= 200 && /^[\t\x20-\x7e\x80-\xff]*$/u.test(phrase);
}

/**
 * Where the end of the connection is the end of the answer, Node takes any end for one. Only the replica's own counts: not a
 * reset, and not our closing it. That is told before Node's listeners would end the answer.
 */
function failWithoutEnd(response: IncomingMessage): void {
  const { socket } = response;
  const fail = (error: Error): void => {
    if (!response.complete && !socket.readableEnded) {
      response.destroy(error);
    }
  };
  socket.prependOnceListener('error', fail);
  socket.prependOnceListener('close', () => {
    fail(new Error('its connection was closed'));
  });
}
