import type { Clock, Random } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { silentLogger } from '../../lib/log.ts';
import { Metrics } from '../../lib/metrics.ts';
import { StoppableClock } from '../../lib/testing/stoppable-clock.ts';
import { makeOperator } from '../../operator/app.ts';
import { loadConfig } from '../../operator/config.ts';
import { CrashError, ObservedClient, type Observer } from './observed-client.ts';
import type { Snapshot } from './watch-faults.ts';

export interface ProcessOptions {
  readonly api: KubeClient;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly random: Random;
  readonly env: Readonly<Record<string, string>>;
  /** What it takes for the present until its watches are released. */
  readonly past?: Snapshot;
}

/** One operator, as if it were a process of its own. */
export class OperatorProcess {
  /** Why it ended by itself; undefined while it runs, and when it was told to end. */
  failure: unknown;
  /** What happens before the call after these: `die` as by SIGKILL, `stop` as by SIGSTOP. */
  limit: { calls: number; readonly then: 'die' | 'stop' } | undefined;
  readonly #link: ObservedClient;
  readonly #clock: StoppableClock;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #stopped: PromiseWithResolvers<void> | undefined;

  constructor({ api, observer, clock, random, env, past }: ProcessOptions) {
    this.#clock = new StoppableClock(clock);
    this.#link = new ObservedClient(api, {
      before: async (call) => {
        this.#spend();
        await this.#stopped?.promise;
        await observer.before(call);
      },
      wrote: (call) => {
        observer.wrote(call);
      },
    });
    if (past !== undefined) {
      this.watches.fallBehind(past);
    }
    const operator = makeOperator({
      config: loadConfig({
        FLINT_KUBE_URL: 'http://127.0.0.1',
        FLINT_ADMIN_HOST: '127.0.0.1',
        FLINT_ADMIN_PORT: '0',
        FLINT_LEADER_ELECTION: 'false',
        FLINT_DOMAINS: 'example.com',
        ...env,
      }),
      client: this.#link.client,
      clock: this.#clock,
      random,
      log: silentLogger,
      metrics: new Metrics(),
    });
    this.#ended = operator.run(this.#stop.signal).catch((error: unknown) => {
      this.failure = error;
    });
  }

  get isRunning(): boolean {
    return this.failure === undefined && !this.#link.isCut;
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  get watches(): ObservedClient['watches'] {
    return this.#link.watches;
  }

  /** SIGTERM: it finishes what it is at, and gives its lease back. */
  async terminate(): Promise<void> {
    this.continue();
    this.#stop.abort();
    await this.#ended;
  }

  /** SIGKILL: whatever it is at, nothing more of it happens. */
  async kill(): Promise<void> {
    this.#link.cut();
    await this.terminate();
  }

  /** SIGSTOP */
  stop(): void {
    this.#stopped ??= Promise.withResolvers<void>();
    this.#clock.stop();
    this.watches.hold();
  }

  /** SIGCONT */
  continue(): void {
    this.#stopped?.resolve();
    this.#stopped = undefined;
    this.#clock.continue();
    this.watches.release();
  }

  #spend(): void {
    if (this.limit === undefined || this.limit.calls-- > 0) {
      return;
    }
    if (this.limit.then === 'stop') {
      this.limit = undefined;
      this.stop();
      return;
    }
    this.#link.cut();
    this.#stop.abort();
    throw new CrashError('the process died');
  }
}
