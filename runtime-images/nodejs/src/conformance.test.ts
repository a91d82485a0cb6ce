import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { check } from '../../conformance/check.ts';
import type { Case } from '../../conformance/check.ts';
import { RuntimeProcess } from './testing/runtime-process.ts';

const read = async (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');
const cases = JSON.parse(await read('../../conformance/cases.json')) as Case[];

/**
 * By the signature that each is written in. `cloudevent` and `google-event` take events and no requests: adapters/google has
 * their tests.
 */
const signatures = [
  { name: 'fetch', want: 'fetch' },
  { name: 'node-http', want: 'http' },
  { name: 'lambda', want: 'lambda' },
  { name: 'lambda-stream', want: 'lambda' },
  { name: 'google-http', want: 'google-http' },
  { name: 'knative', want: 'knative' },
  { name: 'openfaas', want: 'openfaas' },
];

describe.each(signatures)('the table of all runtimes, signature $name', async ({ name, want }) => {
  const source = await read(`../fixtures/conformance/${name}.mjs`);
  const runtime = await RuntimeProcess.start({ files: { 'index.mjs': source } });
  afterAll(async () => {
    await runtime[Symbol.asyncDispose]();
  });

  it('is what is tested here', async () => {
    await runtime.url();
    expect(runtime.lines).toMatchObject([{ message: 'serving', signature: want }]);
  });

  it.each(cases)('$name', async (one) => {
    expect(await check(await runtime.url(), one)).toEqual([]);
  });
});
