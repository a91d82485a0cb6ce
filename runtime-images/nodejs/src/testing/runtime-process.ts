import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type Files = Readonly<Record<string, string>>;
export type LogLine = Readonly<Record<string, unknown>>;

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Shared by all tests: without it every start would pay 60 ms for stripping types. */
const compileCache = join(tmpdir(), 'flint-runtime-nodejs-tests');

export interface StartOptions {
  readonly files: Files;
  readonly env?: Readonly<Record<string, string>>;
  /** Lays the files out as a kubelet mounts a ConfigMap: links through `..data` to a folder of their own. */
  readonly isConfigMap?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly lines: readonly LogLine[];
  /** What was written to FLINT_TERMINATION_LOG. */
  readonly reason: string;
}

/** The real runtime in a process of its own, on a port of its own, with everything it logs. */
export class RuntimeProcess implements AsyncDisposable {
  readonly lines: LogLine[] = [];
  readonly #folder: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #exited: Promise<unknown>;
  readonly #waiting = new Set<() => void>();

  private constructor(folder: string, child: ChildProcessWithoutNullStreams) {
    this.#folder = folder;
    this.#child = child;
    this.#exited = once(child, 'close');
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on('line', (line) => {
        this.lines.push(parseLine(line));
        this.#waiting.forEach((check) => {
          check();
        });
      });
    }
  }

  static async start({ files, env = {}, isConfigMap = false }: StartOptions): Promise<RuntimeProcess> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'flint-runtime-')));
    const code = join(folder, 'code');
    await writeFiles(code, files, isConfigMap);
    const child = spawn(process.execPath, [main], {
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: compileCache,
        HOST: '127.0.0.1',
        PORT: '0',
        FLINT_CODE_PATH: code,
        FLINT_TERMINATION_LOG: join(folder, 'termination-log'),
        FLINT_FUNCTION: 'hello',
        FLINT_NAMESPACE: 'shop',
        FLINT_REVISION: 'hello-1',
        ...env,
      },
    });
    return new RuntimeProcess(folder, child);
  }

  /** Resolves when the port is open, with `http://127.0.0.1:PORT`. */
  async url(): Promise<string> {
    const { port } = await this.line((line) => line['message'] === 'serving');
    return `http://127.0.0.1:${String(port)}`;
  }

  /** The first line that `accept` takes, now or later. @throws Error with all lines when the process ends before */
  async line(accept: (line: LogLine) => boolean): Promise<LogLine> {
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const check = (): void => {
      const found = this.lines.find(accept);
      if (found !== undefined) {
        resolve(found);
      }
    };
    this.#waiting.add(check);
    void this.#exited.then(() => {
      reject(new Error(`the process ended without that line: ${JSON.stringify(this.lines)}`));
    });
    check();
    try {
      return await promise;
    } finally {
      this.#waiting.delete(check);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async end(): Promise<Ended> {
    await this.#exited;
    const reason = await readFile(join(this.#folder, 'termination-log'), 'utf8').catch(() => '');
    return { code: this.#child.exitCode, lines: this.lines, reason: reason.trimEnd() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
    await rm(this.#folder, { recursive: true });
  }
}

/** Runs code that is expected not to start. */
export async function failToStart(options: StartOptions): Promise<Ended> {
  await using runtime = await RuntimeProcess.start(options);
  return await runtime.end();
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { notJson: line };
  }
}

async function writeFiles(code: string, files: Files, isConfigMap: boolean): Promise<void> {
  const home = isConfigMap ? join(code, '..2026_01_02_03_04_05.123') : code;
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, name)), { recursive: true });
    await writeFile(join(home, name), text);
  }
  await mkdir(home, { recursive: true });
  if (isConfigMap) {
    await symlink('..2026_01_02_03_04_05.123', join(code, '..data'));
    await Promise.all(Object.keys(files).map(async (name) => symlink(`..data/${name}`, join(code, name))));
  }
}
