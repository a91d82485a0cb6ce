import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../lib/clock.ts';
import { AppError } from '../errors.ts';
import type { FunctionRoute } from '../routing/route.ts';
import type { RouteTable } from '../routing/route-table.ts';
import type { Exchange } from './exchange.ts';
import { requestIdOf, traceparentOf } from './headers.ts';
import type { Observer } from './observe.ts';
import { makeProblem, type Problem, sendProblem } from './problem.ts';
import type { Proxy } from './proxy.ts';
import { forwardUpgrade } from './upgrade.ts';
import type { Logger } from '../../lib/log.ts';

export interface HandlerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly routes: Pick<RouteTable, 'find' | 'suggest'>;
  readonly proxy: Proxy;
  readonly observer: Observer;
  /** Requests waiting or running, over all functions. */
  readonly maxInFlight: number;
}

/** The client left; nobody is there to be answered. */
const clientGone = new Error('the client closed the connection');

/** A request's way, in order: identify, count, bound, route, forward; and whatever fails becomes an answer, once (I4). */
export class RequestHandler {
  readonly #deps: HandlerDeps;

  constructor(deps: HandlerDeps) {
    this.#deps = deps;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = this.#open(request);
    response.once('close', () => {
      if (!response.writableFinished) {
        exchange.gone.abort(clientGone);
      }
    });
    try {
      await this.#deps.proxy.forward(exchange, this.#route(exchange), response);
    } catch (error) {
      this.#rescue(exchange, error, (problem) => {
        sendProblem(response, problem);
      });
    } finally {
      this.#close(exchange);
    }
  }

  async handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const exchange = this.#open(request);
    socket.once('close', () => {
      exchange.gone.abort(clientGone);
    });
    socket.on('error', () => {
      exchange.gone.abort(clientGone);
    });
    try {
      const route = this.#route(exchange);
      await forwardUpgrade(this.#deps.proxy, exchange, { route, socket, head });
    } catch (error) {
      this.#rescue(exchange, error, (problem) => {
        socket.end(renderProblem(problem));
      });
    } finally {
      this.#close(exchange);
    }
  }

  #open(request: IncomingMessage): Exchange {
    this.#deps.observer.accepted();
    return {
      request,
      requestId: requestIdOf(request.headers, randomUUID),
      traceparent: traceparentOf(request.headers, (digits) => randomBytes(digits / 2).toString('hex')),
      arrivedAt: this.#deps.clock.monotonic(),
      gone: new AbortController(),
    };
  }

  #close(exchange: Exchange): void {
    const isAbandoned = exchange.gone.signal.reason === clientGone && exchange.status === undefined;
    this.#deps.observer.ended(exchange, isAbandoned ? 'abandoned' : 'answered');
  }

  #route(exchange: Exchange): FunctionRoute {
    const { routes, observer, maxInFlight } = this.#deps;
    if (observer.inFlight > maxInFlight) {
      throw new AppError('Overloaded', `more than ${maxInFlight} requests are waiting or running in this activator`);
    }
    const host = exchange.request.headers.host ?? '';
    const route = routes.find(host);
    if (route === undefined) {
      throw new AppError('FunctionNotFound', describeMiss(host, routes.suggest(host)));
    }
    exchange.route = route;
    if (route.targets.some((target) => target.protocol === 'H2c')) {
      throw new AppError('UpstreamFailed', 'protocol H2c is not served by this version; use Http1');
    }
    return route;
  }

  #rescue(exchange: Exchange, error: unknown, answer: (problem: Problem) => void): void {
    if (error === clientGone || (exchange.gone.signal.reason === clientGone && !(error instanceof AppError))) {
      return;
    }
    const expected = error instanceof AppError ? error : this.#unexpected(exchange, error);
    exchange.code = expected.code;
    const problem = makeProblem(expected, { functionKey: exchange.route?.key, requestId: exchange.requestId });
    exchange.status = problem.status;
    answer(problem);
  }

  #unexpected(exchange: Exchange, error: unknown): AppError {
    this.#deps.log.error('a request failed in an unforeseen way', { requestId: exchange.requestId, error });
    return new AppError('InternalError', 'the request failed inside the activator; its log says why', { cause: error });
  }
}

function describeMiss(host: string, suggestions: readonly string[]): string {
  const hint =
    suggestions.length === 0 ? 'functions answer at NAME.NAMESPACE' : `did you mean ${suggestions.join(' or ')}?`;
  return `no function has the host '${host}'; ${hint}`;
}

function renderProblem(problem: Problem): string {
  const headers = Object.entries({ ...problem.headers, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  return `HTTP/1.1 ${problem.status} \r\n${headers.join('\r\n')}\r\n\r\n${problem.body}`;
}
