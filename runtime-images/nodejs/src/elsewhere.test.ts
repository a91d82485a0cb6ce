import { readdir, readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { Case } from '../../conformance/case.ts';
import { check } from '../../conformance/run.ts';
import { RuntimeProcess } from './testing/runtime-process.ts';
import type { Files } from './testing/runtime-process.ts';

const fixtures = new URL('../fixtures/elsewhere/', import.meta.url);

/** A function as it was written for another system, what its Function has in `env`, and what it answers. */
interface Fixture {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signature: string;
  readonly handler: string;
  readonly cases: readonly Case[];
}

const all = JSON.parse(await readFile(new URL('cases.json', fixtures), 'utf8')) as Fixture[];

async function readFolder(folder: string): Promise<Files> {
  const home = new URL(`${folder}/`, fixtures);
  const names = await readdir(home);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, home), 'utf8')] as const)),
  );
}

it('every fixture is told of', async () => {
  const folders = (await readdir(fixtures, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).toSorted()).toEqual(all.map(({ folder }) => folder).toSorted());
});

describe.each(all)('$folder runs unchanged:', async ({ folder, env, signature, handler, cases }) => {
  const runtime = await RuntimeProcess.start({ files: await readFolder(folder), env });
  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
  });

  it('it is recognised', async () => {
    await runtime.url();
    expect(runtime.lines).toMatchObject([{ message: 'serving', signature, handler }]);
  });

  it.each(cases)('$name', async (one) => {
    expect(await check(await runtime.url(), one)).toEqual([]);
  });
});

describe('the life of a function of Knative', () => {
  it('ends with its shutdown, after everything that ran', async () => {
    await using runtime = await RuntimeProcess.start({ files: await readFolder('knative-lifecycle') });
    await fetch(await runtime.url());
    runtime.signal('SIGTERM');
    const { code, lines } = await runtime.end();
    expect(lines.at(-1)).toMatchObject({ message: 'closed after 1' });
    expect(code).toBe(0);
  });

  it('ends as it should when its shutdown fails, which is logged', async () => {
    const source = 'export const handle = () => 1; export const shutdown = () => { throw new Error("stuck"); };';
    await using runtime = await RuntimeProcess.start({ files: { 'index.mjs': source } });
    await runtime.url();
    runtime.signal('SIGTERM');
    const { code, lines } = await runtime.end();
    expect(lines.at(-1)).toMatchObject({ message: 'the shutdown of the function failed', error: { message: 'stuck' } });
    expect(code).toBe(0);
  });

  it('does not begin when its init fails', async () => {
    const source = 'export const handle = () => 1; export const init = () => { throw new Error("no database"); };';
    await using runtime = await RuntimeProcess.start({ files: { 'index.mjs': source } });
    expect(await runtime.end()).toMatchObject({ code: 65, reason: 'Error: no database' });
  });
});
