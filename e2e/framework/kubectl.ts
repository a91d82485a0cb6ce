import { spawn, type ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Thrown when kubectl exits with anything but 0. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError';
  readonly stdout: string;
  readonly stderr: string;

  constructor(args: readonly string[], code: number | null, { stdout, stderr }: KubectlResult) {
    super(`kubectl ${args.join(' ')}: exit code ${String(code)}\n${stderr}`);
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

export interface KubectlResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** A cluster as kubectl needs it. */
export interface KubectlTarget {
  readonly kubeconfig: string;
  /** An executable kubectl. */
  readonly kubectl: string;
}

/** The real kubectl in one namespace of the target. */
export class Kubectl {
  readonly #target: KubectlTarget;
  readonly #namespace: string;

  constructor(target: KubectlTarget, namespace: string) {
    this.#target = target;
    this.#namespace = namespace;
  }

  /** Standard output. @throws KubectlError */
  async run(...args: string[]): Promise<string> {
    return (await this.execute(args)).stdout;
  }

  /** Parsed `-o json`. @throws KubectlError */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.run(...args, '--output=json')) as T;
  }

  /** Applies the objects of a manifest; `flags` such as `--server-side`. @throws KubectlError */
  async apply(manifest: string, ...flags: string[]): Promise<string> {
    return (await this.execute(['apply', '--filename=-', ...flags], manifest)).stdout;
  }

  /** What it says when it fails. @throws Error when it does not */
  async refusal(args: readonly string[], input = ''): Promise<string> {
    const said = await this.execute(args, input).catch((error: unknown) => error);
    if (said instanceof KubectlError) {
      return said.stderr;
    }
    throw said instanceof Error ? said : new Error(`kubectl ${args.join(' ')} succeeded`);
  }

  async execute(
    args: readonly string[],
    input = '',
    env: Readonly<Record<string, string>> = {},
  ): Promise<KubectlResult> {
    const child = this.start(args, env);
    // A kubectl that is done may not have read it: its exit code says how it went.
    child.stdin?.on('error', () => undefined).end(input);
    const [stdout, stderr, code] = await Promise.all([
      child.stdout === null ? '' : text(child.stdout),
      child.stderr === null ? '' : text(child.stderr),
      new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', resolve);
      }),
    ]);
    if (code !== 0) {
      throw new KubectlError(args, code, { stdout, stderr });
    }
    return { stdout, stderr };
  }

  /** A kubectl that goes on by itself (`get --watch`, `logs --follow`); the caller kills it. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const scope = [`--kubeconfig=${this.#target.kubeconfig}`, `--namespace=${this.#namespace}`];
    return spawn(this.#target.kubectl, [...scope, ...args], { env: { ...process.env, ...env } });
  }
}
