import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { check } from '../../conformance/check.ts';
import type { Case } from '../../conformance/check.ts';
import { RuntimeProcess } from './testing/runtime-process.ts';

const read = async (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');
const cases = JSON.parse(await read('../../conformance/cases.json')) as Case[];

describe.each(['fetch', 'node-http'])('the table of all runtimes, signature %s', async (signature) => {
  const source = await read(`../fixtures/conformance/${signature}.mjs`);
  const runtime = await RuntimeProcess.start({ files: { 'index.mjs': source } });
  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
  });

  it.each(cases)('$name', async (one) => {
    expect(await check(await runtime.url(), one)).toEqual([]);
  });
});
