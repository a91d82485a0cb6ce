import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { project } from '../../e2e/framework/local-target.ts';
import { reservePort } from '../../local/launch/ports.ts';
import { answers } from '../answering.ts';
import { type Figure, makeFigure, type Progress } from '../figures.ts';
import { timeBareNode } from './bare-node.ts';

const rounds = 30;
const entry = join(project, 'runtime-images/nodejs/src/main.ts');

/** From spawn of the Node.js runtime to its first answer, beyond the start of a Node that does nothing. */
export async function runtimeStarts(progress: Progress): Promise<Figure[]> {
  progress(`runtime start: ${rounds} rounds`);
  const folder = await mkdtemp(join(tmpdir(), 'flint-bench-'));
  try {
    await writeFile(join(folder, 'index.mjs'), "export default () => new Response('hello');\n");
    const env = { FLINT_CODE_PATH: folder, NODE_COMPILE_CACHE: join(folder, 'compile-cache') };
    // Node writes its compile cache when a process ends by itself.
    await timeFirstAnswer({ script: entry, env, end: 'SIGTERM' });
    const beyond: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const bareMs = await timeBareNode();
      beyond.push((await timeFirstAnswer({ script: entry, env })) - bareMs);
      bare.push(bareMs);
    }
    const reference = { name: 'bare node', samples: bare };
    return [makeFigure({ name: 'runtime_start_ms', unit: 'ms', samples: beyond, reference, goal: { atMost: 60 } })];
  } finally {
    await rm(folder, { recursive: true });
  }
}

const bareServer = "require('node:http').createServer((q, r) => r.end('hello')).listen(process.env.PORT, '127.0.0.1')";

/** From spawn to first answer of the smallest server there is: the floor of any cold start by a process. */
export function timeBareServer(): Promise<number> {
  return timeFirstAnswer({ script: '--eval', args: [bareServer] });
}

interface Starting {
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly end?: NodeJS.Signals;
}

async function timeFirstAnswer({ script, args = [], env = {}, end = 'SIGKILL' }: Starting): Promise<number> {
  const port = await reservePort(0, '--port', 'a benchmark');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [script, ...args], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], ...env, HOST: '127.0.0.1', PORT: String(port) },
  });
  const exited = once(child, 'exit');
  try {
    while (!(await answers({ host: '127.0.0.1', port }))) {
      await new Promise((resolve) => {
        setTimeout(resolve, 1);
      });
    }
    return performance.now() - startedAt;
  } finally {
    child.kill(end);
    await exited;
  }
}
