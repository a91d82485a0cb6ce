import type { Metrics } from '../metrics.ts';
import type { NamespaceAccessMetrics } from './namespace-access.ts';
import type { ReflectorMetrics } from './reflector.ts';
import type { WorkQueueMetrics } from './work-queue.ts';

/** The metrics of a process's caches and queues; queue names as in client-go, so that dashboards made for it fit. */
export interface ControllerMetrics {
  readonly reflector: ReflectorMetrics;
  readonly access: NamespaceAccessMetrics;
  queue(name: string): WorkQueueMetrics;
}

export function makeControllerMetrics(metrics: Metrics): ControllerMetrics {
  const failures = metrics.counter({
    name: 'flint_watch_failures_total',
    help: 'Lists and watches that failed.',
    labels: ['kind'],
  });
  const objects = metrics.labelledGauge({
    name: 'flint_cached_objects',
    help: 'Objects in the cache after its last complete list.',
    labels: ['kind'],
  });
  const refused = metrics.labelledGauge({
    name: 'flint_namespace_refused',
    help: '1 while nothing of a namespace may be read that is to be served.',
    labels: ['namespace'],
  });
  const depth = metrics.labelledGauge({ name: 'workqueue_depth', help: 'Keys that wait.', labels: ['name'] });
  const adds = metrics.counter({ name: 'workqueue_adds_total', help: 'Keys added.', labels: ['name'] });
  const retries = metrics.counter({ name: 'workqueue_retries_total', help: 'Keys that failed.', labels: ['name'] });
  const failing = metrics.labelledGauge({
    name: 'workqueue_failing_keys',
    help: 'Keys that failed and wait for their next try.',
    labels: ['name'],
  });
  return {
    reflector: {
      failed: (kind) => {
        failures.inc({ kind });
      },
      synced: (kind, count) => {
        objects.set({ kind }, count);
      },
    },
    access: {
      refused: (namespace, isRefused) => {
        refused.set({ namespace }, Number(isRefused));
      },
    },
    queue: (name) => ({
      depth: (size) => {
        depth.set({ name }, size);
      },
      added: () => {
        adds.inc({ name });
      },
      retried: () => {
        retries.inc({ name });
      },
      failing: (keys) => {
        failing.set({ name }, keys);
      },
    }),
  };
}
