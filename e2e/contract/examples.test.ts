import { afterAll, describe, expect, it } from 'vitest';
import { type Example, readExamples } from '../../crds/read-examples.ts';
import { apiVersion, functions, revisions, runtimes } from '../../lib/api/resources.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import type { StatusError } from '../../lib/kube/status-error.ts';
import { askTarget, fieldManager } from './world.ts';

/** The examples of the API contract, judged by the target's server. Nothing runs: Functions that are accepted are paused. */

const ask = askTarget();
const resources: Readonly<Record<string, Resource>> = { Function: functions, Revision: revisions, Runtime: runtimes };

function resourceOf({ kind }: KubeObject): Resource {
  const resource = resources[kind];
  if (resource === undefined) {
    throw new Error(`there are no examples of ${kind}`);
  }
  return resource;
}

function create({ object }: Example): Promise<KubeObject> {
  const resource = resourceOf(object);
  const metadata = { ...object.metadata, ...(resource.namespaced ? { namespace: ask.namespace } : {}) };
  return ask.client.create(resource, { ...object, metadata }, { fieldManager });
}

const created: string[] = [];

// Runtimes have no namespace that takes them along.
afterAll(async () => {
  for (const name of created) {
    await ask.client.delete(runtimes, { name });
  }
});

describe('valid', () => {
  it.for(readExamples('valid'))('$place is accepted', async (example) => {
    const { object } = example;
    const spec = (object as { spec?: object }).spec;
    const placed: Readonly<Record<string, object>> = {
      Function: { ...object, spec: { ...spec, paused: true } },
      Runtime: { ...object, metadata: { name: `${object.metadata.name}-${ask.namespace}` } },
    };
    const accepted = await create({ ...example, object: (placed[object.kind] ?? object) as KubeObject });
    if (object.kind === 'Runtime') {
      created.push(accepted.metadata.name);
    }
    expect(accepted.metadata.uid).toBeDefined();
  });
});

describe('invalid', () => {
  it.for(readExamples('invalid'))('$place is refused, for $expected', async (example) => {
    const error = (await create(example).catch((thrown: unknown) => thrown)) as StatusError;
    expect(error.causes.map(({ field = '', message = '' }) => `${field}: ${message}`)).toEqual(example.expected);
    expect(example.expected.length).toBeGreaterThan(0);
  });
});

it('a Revision never changes', async () => {
  const metadata = { name: 'changed', namespace: ask.namespace };
  const spec = { functionName: 'hello', image: 'registry.example/hello:1', port: 8080, protocol: 'Http1' as const };
  const revision = { apiVersion, kind: 'Revision', metadata, spec };
  await ask.client.create(revisions, revision, { fieldManager });
  const change = ask.client.mergePatch(revisions, metadata, { spec: { port: 9 } }, { fieldManager });
  await expect(change).rejects.toThrow('a Revision never changes; change the Function instead');
});
