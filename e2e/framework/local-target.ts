import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { extractTool } from '../../local/kubectl/extract.ts';
import type { ReadyFile } from '../../local/launch/ready-file.ts';
import { eventually } from './patience.ts';
import type { Target } from './target.ts';

export const project = resolve(dirname(import.meta.filename), '../..');

export interface LocalFlint {
  readonly target: Target;
  readonly ready: ReadyFile;
  readonly child: ChildProcess;
  /** Ctrl-C, and everything gone. @throws Error when it did not end with 0. */
  stop(): Promise<void>;
  /** SIGKILL, in whatever it is doing. Processes of its Pods stay until the next start on the same folder ends them. */
  kill(): Promise<void>;
}

/** Starts what `npm start` starts, on free ports and in a folder of its own. */
export async function startLocalFlint(...flags: string[]): Promise<LocalFlint> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flint-e2e-'));
  const readyFile = join(dataDir, 'ready.json');
  const args = ['--port=0', '--api-port=0', `--data=${dataDir}`, `--ready-file=${readyFile}`, '--quiet', ...flags];
  const child = spawn(process.execPath, [join(project, 'local/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: project,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ready = await eventually('Flint is ready', async () => {
    if (child.exitCode !== null) {
      return { failed: output };
    }
    return { ready: JSON.parse(await readFile(readyFile, 'utf8')) as ReadyFile };
  }).catch((error: unknown) => {
    child.kill('SIGINT');
    throw error;
  });
  if (ready.ready === undefined) {
    throw new Error(`npm start ended before it was ready:\n${ready.failed}`);
  }
  const kubectl = await extractTool('kubectl', { project, tools: join(project, '.tools') });
  const stop = async (): Promise<void> => {
    const exited = once(child, 'exit');
    child.kill('SIGINT');
    const [code] = (await exited) as [number | null];
    await rm(dataDir, { recursive: true, force: true });
    if (code !== 0) {
      throw new Error(`npm start ended with ${String(code)} after Ctrl-C:\n${output}`);
    }
  };
  const kill = async (): Promise<void> => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await rm(dataDir, { recursive: true, force: true });
  };
  return { target: makeTarget(ready.ready, kubectl), ready: ready.ready, child, stop, kill };
}

function makeTarget(ready: ReadyFile, kubectl: string): Target {
  const url = new URL(ready.url);
  return {
    kind: 'local',
    kubeconfig: ready.kubeconfig,
    kubectl,
    endpoint: { host: url.hostname, port: Number(url.port) },
    domain: ready.domains[0] ?? 'localhost',
    activatorAdmin: undefined,
  };
}
