import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { expect, it } from 'vitest';
import type { Case } from '../runtime-images/conformance/case.ts';
import { check } from '../runtime-images/conformance/run.ts';
import { project } from './framework/local-target.ts';
import { functionManifest } from './framework/manifest.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();

/** Of the runtime's own fixtures one for each kind of function; what else each signature can do is tested there. */
const families = [
  { family: 'AWS Lambda', folder: 'lambda-http-api' },
  { family: 'AWS Lambda, streaming', folder: 'lambda-stream' },
  { family: 'the Functions Framework', folder: 'google-http' },
  { family: 'the Functions Framework, with CloudEvents', folder: 'google-cloud-event' },
  { family: 'Knative func', folder: 'knative-http' },
  { family: 'OpenFaaS', folder: 'openfaas' },
];

interface Fixture {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

const home = join(project, 'runtime-images/nodejs/fixtures/elsewhere');
const fixtures = new Map(
  (JSON.parse(await readFile(join(home, 'cases.json'), 'utf8')) as Fixture[]).map((one) => [one.folder, one]),
);

/** Its files as a ConfigMap, and the Function that reads them. */
async function manifestOf(folder: string): Promise<string> {
  const names = await readdir(join(home, folder));
  const data = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(home, folder, name), 'utf8')] as const)),
  );
  const env = Object.entries(fixtures.get(folder)?.env ?? {}).map(([name, value]) => ({ name, value }));
  return [
    dump({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: folder }, data }),
    // Each case is checked for what the function does, within seconds: none of them waits for a replica.
    functionManifest(folder, '', { source: { configMap: { name: folder } }, env, scaling: { idleTimeout: '10m' } }),
  ].join('---\n');
}

/** What a case asks for by a host of its own only the runtime alone can be asked. */
function casesOf(folder: string): Case[] {
  return (fixtures.get(folder)?.cases ?? []).filter(({ request }) => request.headers?.['host'] === undefined);
}

story.prepare(async () => {
  const manifests = await Promise.all(families.map(({ folder }) => manifestOf(folder)));
  await story.kubectl.apply(manifests.join('---\n'));
});

it.for(families)('a function of $family answers through the activator as it does at home', async ({ folder }) => {
  await story.untilReady(folder);
  const { host, port } = story.target.endpoint;
  const cases = casesOf(folder);
  expect(cases.length).toBeGreaterThan(2);
  for (const { request, ...rest } of cases) {
    const headers = { ...request.headers, host: story.host(folder) };
    const problems = await check(`http://${host}:${port}`, { ...rest, request: { ...request, headers } });
    expect({ case: rest.name, problems }).toEqual({ case: rest.name, problems: [] });
  }
});
