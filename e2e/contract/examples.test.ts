import { describe, expect, it } from 'vitest';
import { type Example, readExamples } from '../../crds/read-examples.ts';
import type { FunctionObject } from '../../lib/api/function.ts';
import { functions } from '../../lib/api/resources.ts';
import type { StatusError } from '../../lib/kube/status-error.ts';
import { askTarget, fieldManager } from './world.ts';

/** The examples of the API contract, judged by the target's server. Nothing runs: what is accepted is paused. */

const ask = askTarget();

function create({ object }: Example): Promise<FunctionObject> {
  const placed = { ...object, metadata: { ...object.metadata, namespace: ask.namespace } };
  return ask.client.create(functions, placed, { fieldManager });
}

describe('valid', () => {
  it.for(readExamples('valid'))('$place is accepted', async (example) => {
    const paused = { ...example.object, spec: { ...example.object.spec, paused: true } };
    expect((await create({ ...example, object: paused })).metadata.uid).toBeDefined();
  });
});

describe('invalid', () => {
  it.for(readExamples('invalid'))('$place is refused, for $expected', async (example) => {
    const error = (await create(example).catch((thrown: unknown) => thrown)) as StatusError;
    expect(error.causes.map(({ field = '', message = '' }) => `${field}: ${message}`)).toEqual(example.expected);
    expect(example.expected.length).toBeGreaterThan(0);
  });
});
