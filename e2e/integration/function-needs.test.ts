import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runtimes } from '../../lib/api/resources.ts';
import { configMaps, deployments, services } from '../../lib/kube/resources.ts';
import { aConfigMap, inline, user } from './manifests.ts';
import { OperatorWorld } from './world.ts';

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
    const deno = {
      apiVersion: 'flint.dev/v1alpha1',
      kind: 'Runtime',
      metadata: { name: 'deno' },
      spec: { image: 'deno:1', entryFiles: ['main.ts'] },
    };
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
