import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { RuntimeProcess } from './testing/runtime-process.ts';

const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/```[jt]s\n\/\/ (\S+)\n([^]*?)```/gu)].map(([, name = '', source = '']) => ({
  name,
  source,
}));

it('the README has examples', () => {
  expect(examples.length).toBeGreaterThan(3);
});

it.each(examples)('example $# of the README, $name, loads and answers', async ({ name, source }) => {
  await using runtime = await RuntimeProcess.start({ files: { [name]: source } });
  const isPost = source.includes('request.json()');
  const init = isPost ? { method: 'POST', body: '{"name":"you"}' } : {};
  const response = await fetch(await runtime.url(), init);
  expect(response.status).toBe(200);
  const first = (await response.body?.getReader().read()) as { readonly value?: Uint8Array } | undefined;
  expect(new TextDecoder().decode(first?.value)).toMatch(/hello|data: |ok/u);
});
