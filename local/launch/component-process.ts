import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import type { Clock } from '../../lib/clock.ts';
import { errorMessage, isAbortError } from '../../lib/errors.ts';
import type { Runnable } from '../../lib/lifecycle.ts';

export interface ComponentOptions {
  /** `operator`, `activator`. */
  readonly name: string;
  /** Its `main.ts`. */
  readonly entry: string;
  /** All of its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly clock: Clock;
  /** How long SIGTERM is given before SIGKILL. */
  readonly stopGraceMs: number;
  /** Every line it prints, on either stream. */
  readonly onLine: (line: string) => void;
  /** It ended although nobody stopped it, and will be started again after `restartMs`. */
  readonly onCrash: (crash: { readonly how: string; readonly restartMs: number }) => void;
}

const firstRestartMs = 500;
const longestRestartMs = 10_000;
/** A process that lived this long starts again with the short pause. */
const stableMs = 30_000;

/** Runs one of Flint's components as the process it is everywhere else, and starts it again when it dies. */
export class ComponentProcess implements Runnable {
  readonly name: string;
  readonly #options: ComponentOptions;
  #child: ChildProcess | undefined;

  constructor(options: ComponentOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async run(signal: AbortSignal): Promise<void> {
    const log = createWriteStream(this.#options.logFile);
    try {
      await this.#keepAlive(log, signal);
    } catch (error) {
      if (!isAbortError(error, signal)) {
        throw error;
      }
    } finally {
      log.end();
      await finished(log);
    }
  }

  async #keepAlive(log: WriteStream, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let pauseMs = firstRestartMs;
    for (;;) {
      const startedAt = clock.monotonic();
      const how = await this.#runOnce(log, signal);
      signal.throwIfAborted();
      pauseMs = clock.monotonic() - startedAt > stableMs ? firstRestartMs : pauseMs;
      this.#options.onCrash({ how, restartMs: pauseMs });
      await clock.sleep(pauseMs, signal);
      pauseMs = Math.min(pauseMs * 2, longestRestartMs);
    }
  }

  /** Resolves with how the process ended: `exit code 1`, `signal SIGKILL`. */
  async #runOnce(log: WriteStream, signal: AbortSignal): Promise<string> {
    const child = spawn(process.execPath, [this.#options.entry], {
      env: this.#options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const lines = Promise.all([child.stdout, child.stderr].map((stream) => this.#forward(stream, log)));
    const stop = (): void => {
      this.#stop(child);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) {
      stop();
    }
    try {
      const [code, killedBy] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      await lines;
      return killedBy === null ? `exit code ${String(code)}` : `signal ${killedBy}`;
    } catch (error) {
      return errorMessage(error);
    } finally {
      signal.removeEventListener('abort', stop);
      this.#child = undefined;
    }
  }

  async #forward(stream: NodeJS.ReadableStream, log: WriteStream): Promise<void> {
    for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
      log.write(`${line}\n`);
      this.#options.onLine(line);
    }
  }

  #stop(child: ChildProcess): void {
    child.kill('SIGTERM');
    const cancel = this.#options.clock.schedule(this.#options.stopGraceMs, () => {
      child.kill('SIGKILL');
    });
    child.once('exit', cancel);
  }
}
