import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runtimes } from '../../lib/api/resources.ts';
import type { Runtime } from '../../lib/api/runtime.ts';
import { configMaps, deployments, services } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { aConfigMap, inline, user } from './manifests.ts';
import { OperatorWorld } from './world.ts';

const deno: Runtime = {
  apiVersion: 'flint.dev/v1alpha1',
  kind: 'Runtime',
  metadata: { name: 'deno' },
  spec: { image: 'deno:1', entryFiles: ['main.ts'] },
};

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

describe('what a Function needs', () => {
  it('is missed by name, and found without asking again when it appears: the ConfigMap with its code', async () => {
    await world.applyFunction('hello', { source: { configMap: { name: 'code' } } });
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'ConfigMapNotFound' });
    expect(await world.condition('Reconciling')).toMatchObject({ status: 'True', reason: 'ConfigMapNotFound' });
    await world.client.create(
      configMaps,
      { ...aConfigMap({ 'index.mjs': '1' }), binaryData: { 'a.wasm': 'AP8=' } },
      user,
    );
    await world.prove();
    const { namespace = '', name } = (await world.latest()).metadata;
    const copy = await world.client.get(configMaps, { namespace, name });
    expect(copy).toMatchObject({ immutable: true, data: { 'index.mjs': '1' }, binaryData: { 'a.wasm': 'AP8=' } });
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('makes a new Revision when the ConfigMap with its code changes, and none when it goes', async () => {
    await world.client.create(configMaps, aConfigMap({ 'index.mjs': '1' }), user);
    await world.applyFunction('hello', { source: { configMap: { name: 'code' } } });
    const first = await world.prove();
    await world.client.mergePatch(
      configMaps,
      { namespace: 'shop', name: 'code' },
      { data: { 'index.mjs': '2' } },
      user,
    );
    const second = await world.prove();
    expect(second.metadata.name).not.toBe(first.metadata.name);
    await world.client.delete(configMaps, { namespace: 'shop', name: 'code' });
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'ConfigMapNotFound' });
    expect(await world.serving()).toBe(second.metadata.name);
    expect(await world.revisionNames()).toHaveLength(2);
  });

  it('is missed by name, and found when it appears: its Runtime', async () => {
    await world.applyFunction('hello', { ...inline('one'), runtime: 'deno' });
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'RuntimeNotFound' });
    await world.client.create(runtimes, deno, user);
    await world.prove();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
  });

  it('is made again when somebody takes it away: code, Deployment and Service', async () => {
    await world.applyFunction('hello', inline('one'));
    await world.prove();
    const { namespace = '', name } = (await world.latest()).metadata;
    await world.client.delete(configMaps, { namespace, name });
    await world.client.delete(deployments, { namespace, name });
    await world.client.delete(services, { namespace, name: 'hello' });
    await world.settle();
    expect(await world.all(configMaps)).toHaveLength(1);
    expect(await world.all(deployments)).toHaveLength(1);
    expect(await world.all(services)).toHaveLength(1);
  });
});

describe('a Runtime that the operator ships', () => {
  let folder: string;
  let env: Readonly<Record<string, string>>;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flint-runtimes-'));
    env = { FLINT_RUNTIMES_FILE: join(folder, 'runtimes.json') };
    await writeFile(env['FLINT_RUNTIMES_FILE'] ?? '', JSON.stringify([deno]));
    await world.stopOperator();
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** An operator whose first attempt to apply it waits for `answer`. @returns when that is under way */
  async function startHeld(answer: Promise<void>): Promise<void> {
    world = await OperatorWorld.start(env);
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    world.witness = async ({ verb, resource }) => {
      if (verb === 'apply' && resource === runtimes) {
        resolve();
        await answer;
      }
    };
    await world.applyFunction('hello', { ...inline('one'), runtime: 'deno' });
    await begun;
    await world.settle();
  }

  it('is not missed before the operator has applied it', async () => {
    const answer = Promise.withResolvers<void>();
    await startHeld(answer.promise);
    expect(await world.condition('Ready')).toBeUndefined();
    answer.resolve();
    await world.prove();
    expect(await world.condition('Ready')).toMatchObject({ status: 'True' });
    expect((await world.eventsAbout('hello')).filter((event) => event.startsWith('Warning'))).toEqual([]);
  });

  it('holds up no function when the server refuses it', async () => {
    const answer = Promise.withResolvers<void>();
    await startHeld(answer.promise);
    await world.applyFunction('other', inline('one'));
    answer.reject(new StatusError({ code: 422, reason: 'Invalid', message: 'no' }));
    await world.settle();
    expect(await world.condition('Ready')).toMatchObject({ status: 'False', reason: 'RuntimeNotFound' });
    await world.prove('other');
    expect(await world.condition('Ready', 'other')).toMatchObject({ status: 'True' });
  });
});
