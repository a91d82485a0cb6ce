import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { Clock } from '../../lib/clock.ts';

export interface ProcessSpec {
  readonly command: readonly string[];
  /** All of it; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

export interface ProcessEnd {
  /** 128 + n for signal n. */
  readonly exitCode: number;
}

/**
 * Output of a process that has ended may still be held open by one that left the group. It is waited for this long: a busy
 * machine takes a while to read what a process said last.
 */
const lateOutputMs = 2000;
const cannotRun = 128;

/** A program as the leader of its own process group, so that nothing it starts outlives it. */
export class ProcessGroup {
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the program has ended, its group is killed and its output is closed. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #clock: Pick<Clock, 'schedule'>;
  #hasEnded = false;
  #cancelKill: (() => void) | undefined;

  private constructor(
    child: ChildProcessByStdio<null, Readable, Readable>,
    pid: number,
    clock: Pick<Clock, 'schedule'>,
  ) {
    this.#child = child;
    this.#clock = clock;
    this.pid = pid;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.ended = this.#awaitEnd();
  }

  /** @throws Error when the program cannot be started, in the system's words */
  static async start({ command, env, folder }: ProcessSpec, clock: Pick<Clock, 'schedule'>): Promise<ProcessGroup> {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const { pid } = child;
    if (pid !== undefined) {
      return new ProcessGroup(child, pid, clock);
    }
    const { promise, reject } = Promise.withResolvers<never>();
    child.once('error', reject);
    return promise;
  }

  /** SIGTERM to the whole group now, SIGKILL after `graceMs`. May be called again with a shorter grace. */
  stop(graceMs: number): void {
    if (this.#hasEnded) {
      return;
    }
    this.#cancelKill?.();
    this.#signal('SIGTERM');
    this.#cancelKill = this.#clock.schedule(graceMs, () => {
      this.#signal('SIGKILL');
    });
  }

  kill(): void {
    if (!this.#hasEnded) {
      this.#signal('SIGKILL');
    }
  }

  async #awaitEnd(): Promise<ProcessEnd> {
    const exited = Promise.withResolvers<ProcessEnd>();
    const closed = Promise.withResolvers<void>();
    this.#child.once('exit', (code, signal) => {
      exited.resolve({ exitCode: code ?? cannotRun + (signal === null ? 0 : constants.signals[signal]) });
    });
    this.#child.once('close', () => {
      closed.resolve();
    });
    const end = await exited.promise;
    this.#cancelKill?.();
    this.#signal('SIGKILL');
    this.#hasEnded = true;
    const cancel = this.#clock.schedule(lateOutputMs, () => {
      this.stdout.destroy();
      this.stderr.destroy();
    });
    await closed.promise;
    cancel();
    return end;
  }

  #signal(signal: NodeJS.Signals): void {
    signalGroup(this.pid, signal);
  }
}

/** @returns whether anybody was there to get it */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    // ESRCH: the group is empty. EPERM: macOS says so of a group of zombies.
    if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return false;
    }
    throw error;
  }
}
