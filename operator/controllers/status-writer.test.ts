import { expect, it } from 'vitest';
import { functions } from '../../lib/api/resources.ts';
import type { FunctionStatus } from '../../lib/api/function.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { aCondition, aFunction } from '../testing/builders.ts';
import { StatusWriter } from './status-writer.ts';

function makeStatus(replicas: number): FunctionStatus {
  return { replicas, conditions: [aCondition('Ready')] };
}

function makeWriter(failures: (Error | undefined)[] = []): { writer: StatusWriter; intents: unknown[] } {
  const intents: unknown[] = [];
  const apply: KubeClient['apply'] = (_resource, intent) => {
    intents.push(intent);
    const failure = failures.shift();
    return failure === undefined ? Promise.resolve(intent as never) : Promise.reject(failure);
  };
  return { writer: new StatusWriter({ apply, mergePatch: apply as never }, ['Ready']), intents };
}

it('I1: a status that is there is not written', async () => {
  const { writer, intents } = makeWriter();
  expect(await writer.write(functions, aFunction({}, makeStatus(1)), makeStatus(1))).toBe('unchanged');
  expect(intents).toEqual([]);
});

it('what was written is not written again before the cache has seen it', async () => {
  const { writer, intents } = makeWriter();
  const cached = aFunction();
  const outcomes = [
    await writer.write(functions, cached, makeStatus(1)),
    await writer.write(functions, cached, makeStatus(1)),
  ];
  expect(outcomes).toEqual(['written', 'pending']);
  expect(intents).toHaveLength(1);
});

it('what is true since is written over it', async () => {
  const { writer, intents } = makeWriter();
  const cached = aFunction({}, makeStatus(1));
  await writer.write(functions, cached, makeStatus(2));
  // The cache still says 1, the server 2.
  expect(await writer.write(functions, cached, makeStatus(1))).toBe('written');
  expect(intents).toHaveLength(2);
});

it('what somebody undid is written again once the cache has seen that', async () => {
  const { writer } = makeWriter();
  await writer.write(functions, aFunction(), makeStatus(1));
  expect(await writer.write(functions, aFunction(), makeStatus(1))).toBe('written');
});

it('what failed is written again', async () => {
  const { writer, intents } = makeWriter([new Error('connection lost')]);
  const cached = aFunction();
  await expect(writer.write(functions, cached, makeStatus(1))).rejects.toThrow('connection lost');
  expect(await writer.write(functions, cached, makeStatus(1))).toBe('written');
  expect(intents).toHaveLength(2);
});

it('nobody is told what was true of an object that is gone', async () => {
  const { writer, intents } = makeWriter([new StatusError({ code: 404, reason: 'NotFound', message: 'gone' })]);
  expect(await writer.write(functions, aFunction(), makeStatus(1))).toBe('gone');
  expect(intents).toMatchObject([{ metadata: { uid: 'uid-of-hello' } }]);
});
