import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { http } from '../builtin.ts';
import type { Invoke } from '../adapters/adapter.ts';
import { makeContext } from '../invocation.ts';
import type { Context, Identity, Invocation, Invocations } from '../invocation.ts';
import type { Log } from '../log.ts';
import { BodyTooLarge, LimitedMessage } from './limited-message.ts';
import { sendProblem } from './problem.ts';
import { dropUnread, refuseBody } from './unread-body.ts';
import type { Schedule } from './unread-body.ts';

export interface ServerDeps {
  readonly invoke: Invoke;
  readonly invocations: Invocations;
  readonly identity: Identity;
  readonly log: Log;
  readonly makeId: () => string;
  /** Told with the first answer, so that the platform can show where a cold start's time went. */
  readonly loadMs: number;
  /** Of a request's body; 0: no limit. */
  readonly maxBodyBytes: number;
  readonly schedule: Schedule;
}

export interface ListenOptions {
  readonly port: number;
  readonly host: string | undefined;
}

const limits = {
  /** Longer than any sane client keeps an idle connection: who closes first must not be the server (RFC 9112, 9.5). */
  keepAliveTimeout: 620_000,
  /** The activator bounds a request's duration, by the function's own settings. */
  requestTimeout: 0,
  /** The activator's bound plus what it adds. */
  maxHeaderSize: 64 * 1024,
};

/** How long a function may take to answer to a body that was too large. */
const ownAnswerMs = 5000;

interface Running extends Invocation {
  readonly request: LimitedMessage;
}

/** Serves one handler, and knows what of it is still running. */
export class FunctionServer {
  readonly #deps: ServerDeps;
  readonly #server: Server<typeof LimitedMessage>;
  readonly #running = new Set<Running>();
  #background = 0;
  #isFirst = true;
  #isDraining = false;
  #whenIdle: (() => void) | undefined;

  constructor(deps: ServerDeps) {
    this.#deps = deps;
    this.#server = http.createServer({ ...limits, IncomingMessage: LimitedMessage }, (request, response) => {
      this.#accept(request, response);
    });
    this.#server.on('checkContinue', (request: LimitedMessage, response: ServerResponse) => {
      // An answer may do without; Node closes the connection then, since nobody knows whether the body still comes.
      request.askForBody(() => {
        if (!response.headersSent) {
          response.writeContinue();
        }
      });
      this.#accept(request, response);
    });
  }

  /** Invocations that are not finished. */
  get running(): number {
    return this.#running.size;
  }

  /** @throws the error of listen(2), such as EADDRINUSE */
  async listen({ port, host }: ListenOptions): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen({ port, ...(host === undefined ? {} : { host }) }, resolve);
    await promise;
    this.#server.off('error', reject);
    return this.#server.address() as AddressInfo;
  }

  /**
   * Accepts no more connections and waits for what runs, `waitUntil` included, but no longer than `ms`. True when all of it
   * was finished.
   */
  async drain(ms: number): Promise<boolean> {
    this.#isDraining = true;
    await turnOfEventLoop();
    this.#server.close();
    for (const { response } of this.#running) {
      response.shouldKeepAlive = false;
    }
    if (this.#isIdle()) {
      return true;
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const cancel = this.#deps.schedule(ms, () => {
      resolve(false);
    });
    this.#whenIdle = () => {
      cancel();
      resolve(true);
    };
    return promise;
  }

  /** Cuts off every answer that is not complete. Functions see their clients leave, and have a moment to clean up. */
  async cut(): Promise<void> {
    for (const { response } of this.#running) {
      response.destroy();
    }
    await turnOfEventLoop();
  }

  /** Answers for a handler that will not come back to do so. */
  abandon(invocation: Invocation): void {
    const running = [...this.#running].find((one) => one === invocation);
    if (running !== undefined) {
      this.#fail(running);
      this.#finish(running);
    }
  }

  #accept(request: LimitedMessage, response: ServerResponse): void {
    const { identity, log, makeId, invocations, maxBodyBytes } = this.#deps;
    const waitUntil: Context['waitUntil'] = (work) => {
      this.#waitUntil(work);
    };
    const context = makeContext({ identity, log, makeId, waitUntil }, request, response);
    const invocation = { request, response, context };
    request.limitBody(maxBodyBytes > 0 ? maxBodyBytes : Infinity, () => {
      this.#stopReading(invocation);
    });
    response.shouldKeepAlive &&= !this.#isDraining;
    if (this.#isFirst) {
      this.#isFirst = false;
      response.setHeader('flint-load-ms', this.#deps.loadMs.toFixed(1));
    }
    if (request.isTooLarge) {
      invocations.run(invocation, () => {
        this.#logTooLarge();
      });
      this.#fail(invocation);
      return;
    }
    this.#running.add(invocation);
    // A handler may be done long before its answer is, and the other way round.
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    const done = invocations.run(invocation, async () => this.#invoke(invocation));
    void Promise.all([closed, done]).then(() => {
      this.#finish(invocation);
    });
  }

  async #invoke(invocation: Running): Promise<void> {
    try {
      await this.#deps.invoke(invocation);
    } catch (error) {
      if (invocation.response.closed) {
        this.#logAfterClose(error);
        return;
      }
      if (!(error instanceof BodyTooLarge)) {
        this.#deps.log.error('the function failed', { error });
      }
      this.#fail(invocation);
    }
  }

  /**
   * The function learns it from what it reads, and may answer to it for a while: body-parser for one waits for an end of the
   * body that does not come. Where nobody listens nobody would answer.
   */
  #stopReading(invocation: Running): void {
    const { request, response } = invocation;
    const { invocations, maxBodyBytes, schedule } = this.#deps;
    invocations.run(invocation, () => {
      this.#logTooLarge();
      if (request.listenerCount('error') === 0) {
        this.#fail(invocation);
      } else {
        const cancel = schedule(ownAnswerMs, () => {
          if (!response.headersSent) {
            this.#fail(invocation);
          }
        });
        response.once('close', cancel);
      }
      request.destroy(new BodyTooLarge(maxBodyBytes));
    });
  }

  #logTooLarge(): void {
    const { log, maxBodyBytes } = this.#deps;
    log.warn('the body of a request is larger than FLINT_MAX_BODY_BYTES', { maxBodyBytes });
  }

  #logAfterClose(error: unknown): void {
    // Giving up because the client left is what the signal is for.
    if (!isAbort(error)) {
      this.#deps.log.warn('the function failed when its answer was over', { error });
    }
  }

  #fail({ request, response, context: { requestId } }: Running): void {
    const { maxBodyBytes, schedule } = this.#deps;
    if (response.writableEnded || request.isDiscarded) {
      return;
    }
    if (request.isTooLarge) {
      const { message: detail } = new BodyTooLarge(maxBodyBytes);
      refuseBody({ request, response }, { status: 413, detail, requestId }, schedule);
    } else {
      sendProblem(response, { status: 500, detail: 'the function failed', requestId });
    }
  }

  #finish(invocation: Running): void {
    this.#running.delete(invocation);
    dropUnread(invocation.request, this.#deps.schedule);
    this.#checkIdle();
  }

  #waitUntil(work: Promise<unknown>): void {
    this.#background += 1;
    const settled = Promise.resolve(work).catch((error: unknown) => {
      this.#deps.log.error('work after the answer failed', { error });
    });
    void settled.then(() => {
      this.#background -= 1;
      this.#checkIdle();
    });
  }

  #isIdle(): boolean {
    return this.#running.size === 0 && this.#background === 0;
  }

  #checkIdle(): void {
    if (this.#isDraining) {
      this.#server.closeIdleConnections();
    }
    if (this.#isIdle()) {
      this.#whenIdle?.();
    }
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/**
 * A request that came just before the end may not be read yet, and its connection would be closed as idle. The first
 * callback runs behind the reads of this turn, the second behind those of a whole one.
 */
async function turnOfEventLoop(): Promise<void> {
  for (let half = 0; half < 2; half++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
