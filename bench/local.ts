import { startLocalFlint, type LocalFlint } from '../e2e/framework/local-target.ts';
import { bareNodeMemoryMb, residentMb, timeBareNode } from './local/bare-node.ts';
import { coldStarts } from './local/cold-starts.ts';
import { runtimeStarts } from './local/runtime-starts.ts';
import { type Figure, makeFigure, type Progress } from './figures.ts';

const startRounds = 5;

/** The figures of one machine without a cluster: `npm start`, the embedded cluster, the Node.js runtime. */
export async function measureLocal(progress: Progress): Promise<Figure[]> {
  // The first start fills the compile cache, as `npm ci` does on a fresh clone.
  await (await startLocalFlint()).stop();
  const starts = await measureStarts(progress);
  const cold = await coldStarts(progress);
  const runtime = await runtimeStarts(progress);
  return [...starts, ...cold, ...runtime];
}

interface StartSample {
  readonly readyMs: number;
  readonly bareNodeMs: number;
  readonly operatorMb: number;
  readonly activatorMb: number;
}

async function measureStarts(progress: Progress): Promise<Figure[]> {
  const samples: StartSample[] = [];
  for (let round = 1; round <= startRounds; round++) {
    progress(`start: round ${round} of ${startRounds}`);
    samples.push(await measureOneStart());
  }
  const bareNode = { name: 'bare node', samples: samples.map((sample) => sample.bareNodeMs) };
  const bareMemory = { name: 'bare node', samples: [await bareNodeMemoryMb()] };
  const column = (key: keyof StartSample): number[] => samples.map((sample) => sample[key]);
  return [
    makeFigure({
      name: 'start_ready_ms',
      unit: 'ms',
      samples: column('readyMs'),
      reference: bareNode,
      goal: { atMost: 2000 },
    }),
    makeFigure({
      name: 'operator_rss_mb',
      unit: 'MB',
      samples: column('operatorMb'),
      reference: bareMemory,
      goal: { atMost: 90 },
    }),
    makeFigure({
      name: 'activator_rss_mb',
      unit: 'MB',
      samples: column('activatorMb'),
      reference: bareMemory,
      goal: { atMost: 80 },
    }),
  ];
}

async function measureOneStart(): Promise<StartSample> {
  const bareNodeMs = await timeBareNode();
  const startedAt = performance.now();
  const flint = await startLocalFlint();
  const readyMs = performance.now() - startedAt;
  try {
    return { readyMs, bareNodeMs, ...(await restingMemory(flint)) };
  } finally {
    await flint.stop();
  }
}

/** At rest: the example went to zero, and nothing was asked for a while. */
async function restingMemory(flint: LocalFlint): Promise<{ operatorMb: number; activatorMb: number }> {
  await new Promise((resolve) => {
    setTimeout(resolve, 5000);
  });
  const { operator, activator } = flint.ready.processes;
  return { operatorMb: await residentMb(operator), activatorMb: await residentMb(activator) };
}
