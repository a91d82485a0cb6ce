import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

const entry = join(import.meta.dirname, '../src/main.ts');

export interface LogRecord {
  readonly level: string;
  readonly message: string;
  readonly requestId?: string;
  readonly stack?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** The runtime as a process of its own, with code in a folder, as a container has it. */
export class Replica {
  readonly port: number;
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly ended: Promise<number | null>;

  private constructor(child: ChildProcess, port: number, folder: string) {
    this.#child = child;
    this.port = port;
    this.#folder = folder;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => this.#lines.push(...chunk.toString().split('\n').filter(Boolean)));
    }
    this.ended = once(child, 'close').then(([code]) => code as number | null);
  }

  static async start(
    files: Readonly<Record<string, string>>,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Replica> {
    const folder = await mkdtemp(join(tmpdir(), 'flint-runtime-'));
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, 'code', name)), { recursive: true });
      await writeFile(join(folder, 'code', name), content);
    }
    const port = await freePort();
    const child = spawn(process.execPath, [entry], {
      env: {
        PATH: process.env['PATH'],
        PORT: String(port),
        HOST: '127.0.0.1',
        FLINT_CODE_PATH: join(folder, 'code'),
        FLINT_FUNCTION: 'hello',
        FLINT_NAMESPACE: 'shop',
        FLINT_REVISION: 'hello-1',
        FLINT_TERMINATION_LOG: join(folder, 'termination'),
        ...env,
      },
    });
    return new Replica(child, port, folder);
  }

  /** Resolves once it answers, rejects when it ended instead. */
  async listening(): Promise<this> {
    for (;;) {
      if (this.#child.exitCode !== null) {
        throw new Error(`the runtime ended with ${this.#child.exitCode}: ${this.#lines.join('\n')}`);
      }
      if (await accepts(this.port)) {
        return this;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  open(
    options: {
      path?: string;
      method?: string;
      headers?: Record<string, string>;
      body?: string;
      signal?: AbortSignal;
    } = {},
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: this.port, agent: false, path: '/', ...options }, resolve);
      request.once('error', reject);
      request.end(options.body);
    });
  }

  async call(options: Parameters<Replica['open']>[0] = {}): Promise<Answer> {
    const response = await this.open(options);
    return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
  }

  get logs(): LogRecord[] {
    return this.#lines.map((line) => JSON.parse(line) as LogRecord);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  terminationMessage(): Promise<string> {
    return readFile(join(this.#folder, 'termination'), 'utf8');
  }

  async dispose(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
    await rm(this.#folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
