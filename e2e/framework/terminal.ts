import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { project } from './local-target.ts';
import type { Steps } from './steps.ts';

const execute = promisify(execFile);

/** What the reader of a page has: a shell in the project's folder, kubectl, and a context that names a namespace. */
export class Terminal {
  readonly #story: Steps;
  readonly #folder: string;

  private constructor(story: Steps, folder: string) {
    this.#story = story;
    this.#folder = folder;
  }

  static async open(story: Steps): Promise<Terminal> {
    const folder = await mkdtemp(join(tmpdir(), 'flint-terminal-'));
    await symlink(story.target.kubectl, join(folder, 'kubectl'));
    await cp(story.target.kubeconfig, join(folder, 'kubeconfig'));
    const terminal = new Terminal(story, folder);
    await terminal.type(`kubectl config set-context --current --namespace=${story.namespace}`);
    return terminal;
  }

  /** Standard output. @throws Error when the command exits with anything but 0. */
  async type(command: string): Promise<string> {
    const env = {
      ...process.env,
      PATH: [this.#folder, process.env['PATH']].join(delimiter),
      KUBECONFIG: join(this.#folder, 'kubeconfig'),
    };
    return (await execute('bash', ['-c', this.#translate(command)], { cwd: project, env })).stdout;
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true });
  }

  /** Pages call the functions of `npm start`; the same path of the same function is called on the target. */
  #translate(command: string): string {
    const { host, port } = this.#story.target.endpoint;
    const line = command.replace(
      /^curl '?http:\/\/([a-z-]+)\.default\.localhost:8080([^ ']*)'?$/u,
      (_, name: string, path: string) =>
        `curl --silent --show-error --fail --header 'Host: ${this.#story.host(name)}' 'http://${host}:${port}${path}'`,
    );
    if (line.includes('localhost:8080')) {
      throw new Error(`a URL that cannot be translated to the target: ${command}`);
    }
    return line;
  }
}
