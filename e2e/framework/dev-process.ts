import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { project } from './local-target.ts';
import { eventually } from './patience.ts';
import { isAlive, processesOf } from './processes.ts';

/** A running `npm run dev`, and its terminal. */
export class DevProcess {
  readonly #child: ChildProcess;
  readonly #dataDir: string;
  readonly #closed: Promise<unknown>;
  #output = '';

  private constructor(child: ChildProcess, dataDir: string) {
    this.#child = child;
    this.#dataDir = dataDir;
    this.#closed = once(child, 'close');
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
  }

  /** Types it on free ports, and waits until it says where the functions answer. */
  static async start(...args: string[]): Promise<DevProcess> {
    const dataDir = await mkdtemp(join(tmpdir(), 'flint-dev-'));
    // A group of its own, as a terminal gives to a command: Ctrl-C goes to all of it.
    const child = spawn('npm', ['run', '--silent', 'dev', '--', ...args, '--port=0', `--data=${dataDir}`], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const dev = new DevProcess(child, dataDir);
    try {
      await dev.untilSaid(/Ctrl-C ends it/u);
      return dev;
    } catch (error) {
      await dev.interrupt();
      throw error;
    }
  }

  /** Everything on the terminal so far. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get endpoint(): { readonly host: string; readonly port: number } {
    const [, port = ''] = /default\.localhost:([0-9]+)/u.exec(this.#output) ?? [];
    return { host: '127.0.0.1', port: Number(port) };
  }

  /** Waits until the terminal shows it. @throws PatienceError with what it shows instead */
  async untilSaid(wanted: RegExp): Promise<void> {
    await eventually(`npm run dev says ${String(wanted)}`, () => {
      if (wanted.test(this.#output)) {
        return true;
      }
      throw new Error(this.#output);
    });
  }

  /** Ctrl-C, and everything gone. @throws PatienceError when a process outlives it */
  async interrupt(): Promise<void> {
    const started = await processesOf(this.pid);
    process.kill(-this.pid, 'SIGINT');
    await eventually('Ctrl-C ends every process', () => {
      const left = started.filter(isAlive);
      if (left.length === 0) {
        return true;
      }
      throw new Error(`still there: ${left.join(', ')}\n${this.#output}`);
    });
    // What it said last may still be on its way.
    await this.#closed;
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}
