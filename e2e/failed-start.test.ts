import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { localIt } from './framework/current-target.ts';
import { project } from './framework/local-target.ts';
import { eventually } from './framework/patience.ts';
import { isAlive, processesOf } from './framework/processes.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flint-failed-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('a start that fails leaves no process behind', () => {
  localIt('when a manifest is refused', async () => {
    const manifest = join(folder, 'bad.yaml');
    await writeFile(manifest, 'apiVersion: flint.dev/v1alpha1\nkind: Function\nmetadata: { name: bad }\nspec: {}\n');
    expect(await startInVain(`--apply=${manifest}`)).toContain('Required value');
  });

  localIt('when the ready file cannot be written', async () => {
    expect(await startInVain(`--ready-file=${join(folder, 'none', 'ready.json')}`)).toContain('ENOENT');
  });
});

/** @returns what `npm start` wrote to standard error */
async function startInVain(flag: string): Promise<string> {
  const data = join(folder, 'data');
  const child = spawn(process.execPath, ['local/main.ts', '--port=0', '--api-port=0', `--data=${data}`, flag], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = Promise.all([text(child.stderr), once(child, 'close')]);
  const started = new Set<number>();
  while (child.exitCode === null) {
    for (const pid of await processesOf(child.pid ?? 0)) {
      started.add(pid);
    }
  }
  const [stderr] = await ended;
  expect(child.exitCode).toBe(1);
  // Itself, the operator and the activator.
  expect(started.size).toBeGreaterThanOrEqual(3);
  await eventually('everything that it started is gone', () => {
    const left = [...started].filter(isAlive);
    return left.length === 0 ? true : Promise.reject(new Error(`still there: ${left.join(', ')}`));
  });
  return stderr;
}
