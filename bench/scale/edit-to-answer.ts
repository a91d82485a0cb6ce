import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevProcess } from '../../e2e/framework/dev-process.ts';
import { send } from '../../e2e/framework/http.ts';
import { greeting } from '../../e2e/framework/manifest.ts';
import { pause } from '../../e2e/framework/patience.ts';
import { type Figure, makeFigure, type Progress } from '../figures.ts';
import { timeBareServer } from '../local/runtime-starts.ts';

const rounds = 20;
const askEveryMs = 5;
const patienceMs = 30_000;
/** Between two edits, so that what one of them leaves behind is over. */
const betweenMs = 1500;

/** From the write of a file to the first answer of its new code, with `npm run dev`; the reference is only the start of a process. */
export async function editToAnswer(progress: Progress): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'flint-edit-'));
  const file = join(folder, 'edited.mjs');
  await writeFile(file, greeting('round 0'));
  const dev = await DevProcess.start(file);
  try {
    const samples: number[] = [];
    const bareServer: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      await pause(betweenMs);
      bareServer.push(await timeBareServer());
      const ms = await timeEdit(file, `round ${round}`, dev.endpoint);
      samples.push(ms);
      progress(`edit: round ${round} of ${rounds}, ${ms.toFixed(0)} ms`);
    }
    const reference = { name: 'spawned bare node server', samples: bareServer };
    return [
      makeFigure({ name: 'edit_to_answer_ms_p50', unit: 'ms', samples, reference, goal: { atMost: 300 } }),
      makeFigure({ name: 'edit_to_answer_ms_p95', unit: 'ms', samples, quantile: 0.95, reference }),
    ];
  } finally {
    await dev.interrupt();
    await rm(folder, { recursive: true });
  }
}

async function timeEdit(file: string, text: string, endpoint: DevProcess['endpoint']): Promise<number> {
  const startedAt = performance.now();
  await writeFile(file, greeting(text));
  while (performance.now() - startedAt < patienceMs) {
    const answer = await send(endpoint, 'edited.default.localhost', {});
    if (answer.text === text) {
      return performance.now() - startedAt;
    }
    if (answer.status !== 200) {
      throw new Error(`an edit made the function fail: ${answer.status} ${answer.text}`);
    }
    await pause(askEveryMs);
  }
  throw new Error(`the new code did not answer within ${patienceMs} ms`);
}
