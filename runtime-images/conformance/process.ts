import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit } from './case.ts';

const startMs = 30_000;
const exitMs = 15_000;
const pollMs = 20;

/** A runtime in a process of its own. */
export class RuntimeUnderTest implements AsyncDisposable {
  readonly baseUrl: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #folder: string;

  constructor(child: ChildProcess, { port, folder }: { readonly port: number; readonly folder: string }) {
    this.baseUrl = `http://127.0.0.1:${port}`;
    this.#child = child;
    this.#exited = once(child, 'exit');
    this.#folder = folder;
  }

  /** What the process ended with; null while it runs. */
  get ended(): number | NodeJS.Signals | null {
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Resolves when the port is open, which is what ready means, or the process has ended. @throws Error when neither comes */
  async ready(): Promise<void> {
    const { port } = new URL(this.baseUrl);
    for (let waited = 0; waited < startMs; waited += pollMs) {
      if (this.ended !== null || (await isOpen(Number(port)))) {
        return;
      }
      await sleep(pollMs);
    }
    throw new Error(`port ${port} did not open within ${startMs / 1000} s`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async exitDifferences({ code, hasReason }: Exit): Promise<string[]> {
    await Promise.race([this.#exited, sleep(exitMs, undefined, { ref: false })]);
    const { ended } = this;
    if (ended === null) {
      return [`the process did not end within ${exitMs / 1000} s`];
    }
    const problems = ended === code ? [] : [`the process ended with ${ended}, not ${code}`];
    const lines = (await readFile(logIn(this.#folder), 'utf8').catch(() => '')).trimEnd().split('\n');
    const isOneLine = lines.length === 1 && lines[0] !== '';
    return hasReason === true && !isOneLine ? [...problems, 'FLINT_TERMINATION_LOG has not one line'] : problems;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ended === null) {
      this.#child.kill('SIGKILL');
      await this.#exited;
    }
    await rm(this.#folder, { recursive: true });
  }
}

/** Starts `command` with PORT, HOST and FLINT_TERMINATION_LOG in its environment, and waits for its port, or its end. */
export async function start(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<RuntimeUnderTest> {
  const [file = '', ...rest] = command;
  const folder = await mkdtemp(join(tmpdir(), 'flint-conformance-'));
  const port = await freePort();
  const own = { HOST: '127.0.0.1', PORT: String(port), FLINT_TERMINATION_LOG: logIn(folder) };
  const child = spawn(file, rest, { env: { ...env, ...own }, stdio: 'ignore' });
  const runtime = new RuntimeUnderTest(child, { port, folder });
  try {
    await runtime.ready();
    return runtime;
  } catch (error) {
    await runtime[Symbol.asyncDispose]();
    throw error;
  }
}

function logIn(folder: string): string {
  return join(folder, 'termination-log');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
