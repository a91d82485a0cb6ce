import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';
import { registerProcessMetrics } from './process-metrics.ts';

export interface CounterLike {
  inc(labels?: Readonly<Record<string, string>>, by?: number): void;
  /** Forgets one series: what its labels name is gone. */
  remove(labels: Readonly<Record<string, string>>): void;
}

export interface GaugeLike {
  set(value: number): void;
}

export interface LabelledGaugeLike {
  set(labels: Readonly<Record<string, string>>, value: number): void;
}

export interface HistogramLike {
  observe(labels: Readonly<Record<string, string>>, seconds: number): void;
}

export interface MetricNames {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** The metrics of one process. Labels come from bounded sets: names of objects, codes, never paths or hosts. */
export class Metrics {
  readonly #registry = new Registry();

  constructor() {
    registerProcessMetrics(this.#registry);
  }

  counter({ name, help, labels = [] }: MetricNames): CounterLike {
    const counter = new Counter({ name, help, labelNames: [...labels], registers: [this.#registry] });
    return {
      inc: (values = {}, by = 1) => {
        counter.inc(values, by);
      },
      remove: (values) => {
        counter.remove(values);
      },
    };
  }

  gauge({ name, help }: MetricNames): GaugeLike {
    return new Gauge({ name, help, registers: [this.#registry] });
  }

  labelledGauge({ name, help, labels = [] }: MetricNames): LabelledGaugeLike {
    return new Gauge({ name, help, labelNames: [...labels], registers: [this.#registry] });
  }

  histogram({ name, help, labels = [] }: MetricNames, buckets: readonly number[]): HistogramLike {
    const histogram = new Histogram({
      name,
      help,
      labelNames: [...labels],
      buckets: [...buckets],
      registers: [this.#registry],
    });
    return {
      observe: (values, seconds) => {
        histogram.observe(values, seconds);
      },
    };
  }

  /** Prometheus' text format. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }
}
