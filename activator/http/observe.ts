import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/log.ts';
import type { CounterLike, GaugeLike, HistogramLike, Metrics } from '../../lib/metrics.ts';
import type { Ending, Exchange } from './exchange.ts';

export interface ObserverOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly accessLog: boolean;
}

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts and logs exchanges. I6: accepted = answered + abandoned + in flight, of which a gauge keeps the difference. */
export class Observer {
  readonly #options: ObserverOptions;
  readonly #requests: CounterLike;
  readonly #duration: HistogramLike;
  readonly #coldStart: HistogramLike;
  readonly #inFlight: GaugeLike;
  readonly #unaccounted: GaugeLike;
  #accepted = 0;
  #ended: Record<Ending, number> = { answered: 0, abandoned: 0 };
  #current = 0;

  constructor(options: ObserverOptions) {
    this.#options = options;
    const { metrics } = options;
    this.#requests = metrics.counter({
      name: 'flint_activator_requests_total',
      help: 'Requests that ended, by function and status; code is the platform’s own error, if it answered itself.',
      labels: ['namespace', 'function', 'status', 'code'],
    });
    this.#duration = metrics.histogram(
      { name: 'flint_activator_request_seconds', help: 'From arrival to the end.', labels: ['namespace', 'function'] },
      secondsBuckets,
    );
    this.#coldStart = metrics.histogram(
      { name: 'flint_activator_cold_start_seconds', help: 'Phases of cold starts.', labels: ['phase'] },
      secondsBuckets,
    );
    this.#inFlight = metrics.gauge({ name: 'flint_activator_in_flight', help: 'Requests waiting or running.' });
    this.#unaccounted = metrics.gauge({
      name: 'flint_activator_unaccounted',
      help: 'Accepted minus answered, abandoned and in flight; anything but 0 is a mistake of ours.',
    });
  }

  get inFlight(): number {
    return this.#current;
  }

  accepted(): void {
    this.#accepted += 1;
    this.#current += 1;
    this.#setGauges();
  }

  ended(exchange: Exchange, ending: Ending): void {
    this.#current -= 1;
    this.#ended[ending] += 1;
    this.#setGauges();
    const durationMs = this.#options.clock.monotonic() - exchange.arrivedAt;
    const { namespace = '', name = '' } = exchange.route ?? {};
    const status = ending === 'abandoned' ? '499' : String(exchange.status ?? 0);
    this.#requests.inc({ namespace, function: name, status, code: exchange.code ?? '' });
    this.#duration.observe({ namespace, function: name }, durationMs / 1000);
    for (const [phase, ms] of Object.entries(exchange.phases ?? {})) {
      this.#coldStart.observe({ phase }, ms / 1000);
    }
    if (this.#options.accessLog) {
      this.#log(exchange, { status: Number(status), durationMs });
    }
  }

  #setGauges(): void {
    this.#inFlight.set(this.#current);
    this.#unaccounted.set(this.#accepted - this.#ended.answered - this.#ended.abandoned - this.#current);
  }

  #log(exchange: Exchange, outcome: { readonly status: number; readonly durationMs: number }): void {
    const { request, route, requestId, revisionName, phases, code } = exchange;
    this.#options.log.info('request', {
      method: request.method,
      host: request.headers.host ?? '',
      path: request.url,
      ...outcome,
      requestId,
      ...(route === undefined ? {} : { namespace: route.namespace, function: route.name }),
      ...(revisionName === undefined ? {} : { revision: revisionName }),
      ...(code === undefined ? {} : { code }),
      ...(phases === undefined ? {} : { phases }),
    });
  }
}
