import type { Clock } from '../../lib/clock.ts';
import { isAbortError } from '../../lib/errors.ts';
import type { ObjectEvent } from '../../lib/kube/event-recorder.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import type { Container } from './mounts.ts';
import { checkProbe, type Probe } from './probe-check.ts';
import { runProbe } from './prober.ts';

export interface ContainerProbesOptions {
  readonly clock: Clock;
  readonly pod: Pod;
  readonly container: Container;
  readonly onEvent: (event: ObjectEvent) => void;
  readonly onChange: () => void;
  /** The container is to be ended within `graceMs` and started again. */
  readonly onFatal: (graceMs: number) => void;
}

/** The probes of one container: startup first, the others once that has passed. */
export class ContainerProbes {
  readonly #options: ContainerProbesOptions;
  #run: AbortController | undefined;
  #isReady = false;
  #isStarted = false;

  constructor(options: ContainerProbesOptions) {
    this.#options = options;
  }

  get isReady(): boolean {
    return this.#isStarted && this.#isReady;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** A new run of the container has begun. */
  start(): void {
    const { startupProbe, readinessProbe } = this.#options.container;
    const run = new AbortController();
    this.#run = run;
    this.#isReady = readinessProbe === undefined;
    this.#isStarted = startupProbe === undefined;
    if (startupProbe === undefined) {
      this.#startOthers(run.signal);
    } else {
      this.#probe(startupProbe, 'Startup', run.signal, (isPassing) => {
        if (isPassing && !this.#isStarted) {
          this.#isStarted = true;
          this.#startOthers(run.signal);
          this.#options.onChange();
        } else if (!isPassing) {
          this.#end(startupProbe, 'startup');
        }
      });
    }
  }

  /** The run is over. */
  stop(): void {
    this.#run?.abort(new Error('the container has ended'));
    this.#isReady = false;
    this.#isStarted = false;
  }

  #startOthers(signal: AbortSignal): void {
    const { readinessProbe, livenessProbe } = this.#options.container;
    if (readinessProbe !== undefined) {
      this.#probe(readinessProbe, 'Readiness', signal, (isPassing) => {
        this.#isReady = isPassing;
        this.#options.onChange();
      });
    }
    if (livenessProbe !== undefined) {
      this.#probe(livenessProbe, 'Liveness', signal, (isPassing) => {
        if (!isPassing) {
          this.#end(livenessProbe, 'liveness');
        }
      });
    }
  }

  #probe(
    probe: Probe,
    kind: 'Startup' | 'Readiness' | 'Liveness',
    signal: AbortSignal,
    onVerdict: (isPassing: boolean) => void,
  ): void {
    const { clock, container } = this.#options;
    const running = runProbe(
      {
        probe,
        clock,
        isEager: kind !== 'Liveness',
        check: () => checkProbe({ probe, container }, clock),
        onVerdict: (isPassing) => {
          if (!signal.aborted) {
            onVerdict(isPassing);
          }
        },
        onFailure: ({ message }) => {
          this.#warn('Unhealthy', `${kind} probe failed: ${message}`);
        },
      },
      signal,
    );
    running.catch((error: unknown) => {
      if (!isAbortError(error, signal)) {
        this.#warn('ProbeError', `${kind} probe errored: ${String(error)}`);
      }
    });
  }

  #end(probe: Probe, kind: string): void {
    const { container, pod } = this.#options;
    const seconds = probe.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
    const note = `Container ${container.name} failed ${kind} probe, will be restarted`;
    this.#options.onEvent({ type: 'Normal', reason: 'Killing', action: 'SyncPod', note });
    this.#options.onFatal(seconds * 1000);
  }

  #warn(reason: string, note: string): void {
    this.#options.onEvent({ type: 'Warning', reason, action: 'ProbePod', note });
  }
}
