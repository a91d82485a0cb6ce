import type { CounterLike, Metrics } from '../lib/metrics.ts';
import type { CapacityStats } from './capacity-registry.ts';
import type { ErrorCode } from './errors.ts';
import type { Ledger } from './http/ledger.ts';
import { type EndedExchange, finalStatus } from './http/outcome.ts';

/** What the activator counts. Labels are names of functions that exist, statuses, codes and phases; never hosts or paths. */
export interface ActivatorMetrics {
  /** @param durationMs from the head of the request to the last byte of the answer */
  readonly requestEnded: (exchange: EndedExchange, durationMs: number) => void;
  /** The platform answered itself, or cut off an answer. */
  readonly problem: (code: ErrorCode) => void;
  readonly upstreamFailed: (kind: 'unsent' | 'broken') => void;
  /** @param key `namespace/name` */
  readonly functionRemoved: (key: string) => void;
}

/** The key of no function: both labels are empty. */
const noFunction = '/';
/** Cold starts begin at some 50 ms; requests may take minutes. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** @param isKnown by `namespace/name`: requests that outlive their function are counted under none, or its name would stay for good */
export function makeActivatorMetrics(metrics: Metrics, isKnown: (key: string) => boolean): ActivatorMetrics {
  const requests = new FunctionCounter(
    metrics.counter({
      name: 'flint_activator_requests_total',
      help: 'Requests that ended, by HTTP status; 499 is a client that left before its answer.',
      labels: ['namespace', 'function', 'code'],
    }),
  );
  const durations = metrics.histogram(
    {
      name: 'flint_activator_request_duration_seconds',
      help: 'From the head of the request to the last byte of the answer.',
      labels: ['start'],
    },
    buckets,
  );
  const phases = metrics.histogram(
    { name: 'flint_activator_cold_start_seconds', help: 'Phases of cold answers.', labels: ['phase'] },
    buckets,
  );
  const problems = metrics.counter({
    name: 'flint_activator_problems_total',
    help: 'Answers of the platform itself, and answers that it cut off.',
    labels: ['code'],
  });
  const upstream = metrics.counter({
    name: 'flint_activator_upstream_errors_total',
    help: 'Connections to replicas that failed: unsent requests went to another one.',
    labels: ['kind'],
  });
  return {
    requestEnded: (exchange, durationMs) => {
      const key = exchange.route?.key;
      requests.count(key !== undefined && isKnown(key) ? key : noFunction, String(finalStatus(exchange)));
      durations.observe({ start: exchange.phases === undefined ? 'warm' : 'cold' }, durationMs / 1000);
      for (const [phase, ms] of Object.entries(exchange.phases ?? {})) {
        phases.observe({ phase }, ms / 1000);
      }
    },
    problem: (code) => {
      problems.inc({ code });
    },
    upstreamFailed: (kind) => {
      upstream.inc({ kind });
    },
    functionRemoved: (key) => {
      requests.forget(key);
    },
  };
}

/** A counter by function and code that forgets functions which are gone. */
class FunctionCounter {
  readonly #counter: CounterLike;
  readonly #codes = new Map<string, Set<string>>();

  constructor(counter: CounterLike) {
    this.#counter = counter;
  }

  count(key: string, code: string): void {
    const codes = this.#codes.get(key);
    if (codes === undefined) {
      this.#codes.set(key, new Set([code]));
    } else {
      codes.add(code);
    }
    this.#counter.inc(labelsOf(key, code));
  }

  forget(key: string): void {
    for (const code of this.#codes.get(key) ?? []) {
      this.#counter.remove(labelsOf(key, code));
    }
    this.#codes.delete(key);
  }
}

function labelsOf(key: string, code: string): Record<string, string> {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), function: key.slice(slash + 1), code };
}

/** @returns sets the gauges to what is true now; to be called before they are read. */
export function makeGauges(
  metrics: Metrics,
  sources: { readonly ledger: Ledger; readonly capacity: { readonly stats: CapacityStats } },
): () => void {
  const gauge = (name: string, help: string): ((value: number) => void) => {
    const made = metrics.gauge({ name: `flint_activator_${name}`, help });
    return (value) => {
      made.set(value);
    };
  };
  const inFlight = gauge('requests_in_flight', 'Requests waiting or running.');
  const unaccounted = gauge(
    'requests_unaccounted',
    'Accepted minus answered, abandoned and in flight: anything but 0 is a defect.',
  );
  const waiting = gauge('waiting_requests', 'Requests waiting for a replica.');
  const waitingBytes = gauge('waiting_bytes', 'Memory that waiting requests hold.');
  const functions = gauge('functions', 'Functions known.');
  const active = gauge('active_revisions', 'Revisions looked at once a second; 0 when all is idle.');
  return () => {
    const { stats } = sources.capacity;
    inFlight(sources.ledger.inFlight.size);
    unaccounted(sources.ledger.unaccounted);
    waiting(stats.waitingRequests);
    waitingBytes(stats.waitingBytes);
    functions(stats.functions);
    active(stats.activeRevisions);
  };
}
