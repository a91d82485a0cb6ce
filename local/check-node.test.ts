import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const file = join(import.meta.dirname, 'check-node.cjs');

async function load(check: string, version = process.versions.node): Promise<{ code: number; stderr: string }> {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); require('${check}')`;
  try {
    await promisify(execFile)(process.execPath, ['--eval', pretend]);
    return { code: 0, stderr: '' };
  } catch (error) {
    return error as { code: number; stderr: string };
  }
}

it('lets pass the Node.js of this project', async () => {
  expect(await load(file)).toEqual({ code: 0, stderr: '' });
});

it('sends an older one to npm ci, whose scripts have to run', async () => {
  const { code, stderr } = await load(file, '20.19.1');
  expect(code).toBe(1);
  expect(stderr).toContain(`Flint runs on Node.js 26, and this is 20.19.1 (${process.execPath}).\n`);
  expect(stderr).toContain('Run npm ci first, without --ignore-scripts');
});

it('sends a new one to npm ci as well where nothing is installed', async () => {
  const project = await mkdtemp(join(tmpdir(), 'flint-bare-'));
  const copy = join(project, 'local/check-node.cjs');
  await cp(file, copy);
  expect(await load(copy)).toMatchObject({ code: 1, stderr: expect.stringContaining('not installed') as string });
  await rm(project, { recursive: true });
});

it('asks for the Node.js that npm ci brings, and goes before every program that a user starts', () => {
  const { devDependencies, scripts } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'),
  ) as {
    readonly devDependencies: Readonly<Record<string, string>>;
    readonly scripts: Readonly<Record<string, string>>;
  };
  expect(readFileSync(file, 'utf8')).toContain(`var wanted = ${parseInt(devDependencies['node'] ?? '', 10)};`);
  for (const name of ['start', 'demo', 'dev', 'kubectl']) {
    expect(scripts[name]).toMatch(/node --require \.\/local\/check-node\.cjs (?:-- )?local\//u);
  }
});
