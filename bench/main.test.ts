import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/** In a Node of its own: a bench that needs the test runner would load here, and nowhere else. */
it.each(['local', 'kubernetes', 'scale'])('the bench %s loads without the test runner', async (name) => {
  const module = JSON.stringify(`${import.meta.dirname}/${name}.ts`);
  const { stdout } = await run(process.execPath, ['--eval', `import(${module}).then(() => console.log('loaded'))`]);
  expect(stdout).toBe('loaded\n');
});
