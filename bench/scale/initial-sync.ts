import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Figure, makeFigure, type Progress } from '../figures.ts';
import { startPodServer } from './pod-server.ts';
import type { Sync } from './sync-process.ts';

const run = promisify(execFile);
const rounds = 5;
const count = 5000;

/**
 * The first copy of 5,000 Pods over HTTP: how long the event loop of the process that takes it stands still. The reference is
 * one unpaged list.
 */
export async function initialSync(progress: Progress): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { name, streams } of [
    { name: 'initial_sync', streams: true },
    { name: 'initial_sync_paged', streams: false },
  ]) {
    const server = await startPodServer({ count, streams });
    try {
      figures.push(...(await measure(name, server.url, progress)));
    } finally {
      await server.close();
    }
  }
  return figures;
}

async function measure(name: string, url: string, progress: Progress): Promise<Figure[]> {
  const [synced, listed]: [Sync[], Sync[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    listed.push(await sync(url, 'list'));
    const own = await sync(url, 'reflector');
    synced.push(own);
    progress(`${name}: round ${round} of ${rounds}, ${own.syncMs.toFixed(0)} ms, stall ${own.stallMs.toFixed(1)} ms`);
  }
  const reference = (of: (one: Sync) => number): { name: string; samples: number[] } => ({
    name: 'one unpaged list',
    samples: listed.map(of),
  });
  return [
    makeFigure({
      name: `${name}_stall_ms`,
      unit: 'ms',
      samples: synced.map(({ stallMs }) => stallMs),
      reference: reference(({ stallMs }) => stallMs),
      goal: { atMost: 50 },
    }),
    makeFigure({
      name: `${name}_ms`,
      unit: 'ms',
      samples: synced.map(({ syncMs }) => syncMs),
      reference: reference(({ syncMs }) => syncMs),
    }),
  ];
}

/** In a process of its own, and new each time: neither its code is warm nor its heap grown. */
async function sync(url: string, how: 'reflector' | 'list'): Promise<Sync> {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'sync-process.ts'), url, how]);
  const result = JSON.parse(stdout) as Sync;
  if (result.objects !== count) {
    throw new Error(`${result.objects} of ${count} Pods arrived`);
  }
  return result;
}
