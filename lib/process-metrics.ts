import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';

/** Each sample is a wake-up of an otherwise idle process; delays that matter are longer. */
const eventLoopSampleMs = 100;

/**
 * What every process says of itself, by the usual names, read when asked for. prom-client's own collector would bring
 * OpenTelemetry along for one of them: 52 modules, 4 MB.
 */
export function registerProcessMetrics(registry: Registry): void {
  const delay = monitorEventLoopDelay({ resolution: eventLoopSampleMs });
  delay.enable();
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  gauge('nodejs_heap_size_used_bytes', 'Heap in use.', () => process.memoryUsage().heapUsed);
  gauge(
    'nodejs_external_memory_bytes',
    'Buffers and other memory outside the heap.',
    () => process.memoryUsage().external,
  );
  gauge('process_open_fds', 'Open file descriptors.', countDescriptors);
  gauge(
    'process_start_time_seconds',
    'Start of the process, since the Unix epoch.',
    () => performance.timeOrigin / 1000,
  );
  gauge('nodejs_eventloop_lag_p99_seconds', 'Delay of the event loop since the last read.', () => {
    const p99 = Math.max(0, delay.percentile(99) / 1e9 - eventLoopSampleMs / 1000);
    delay.reset();
    return p99;
  });
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system time.',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
}

/** 0 where there is no /proc. */
function countDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
