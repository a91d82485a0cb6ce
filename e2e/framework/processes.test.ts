import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { eventually } from './patience.ts';
import { isAlive } from './processes.ts';

it('a process lives until it ends', async () => {
  const child = spawn('sleep', ['60']);
  const pid = child.pid ?? 0;
  expect(isAlive(pid)).toBe(true);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(isAlive(pid)).toBe(false);
});

it.runIf(process.platform === 'linux')('a process that nobody reaps is dead all the same', async () => {
  // The shell becomes a sleep, which does not wait for the child that the shell had.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    await eventually('a zombie', async () =>
      (await readFile(`/proc/${pid}/status`, 'utf8')).includes('zombie') ? true : undefined,
    );
    expect(isAlive(pid)).toBe(false);
  } finally {
    parent.kill('SIGKILL');
  }
});
