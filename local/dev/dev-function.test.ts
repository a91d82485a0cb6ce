import { describe, expect, it, vi } from 'vitest';
import { FakeClock, settle } from '../../lib/testing/fake-clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { FunctionApplier } from './apply.ts';
import { DevFunction } from './dev-function.ts';
import { functionOf, type FunctionObjects, SourceError } from './function-of.ts';

function objects(code: string, path = '/src/hello.mjs'): FunctionObjects {
  const name = path.slice('/src/'.length);
  const source = { path, kind: 'file', files: new Map([[name, Buffer.from(code)]]) } as const;
  return functionOf(source, { name: 'hello', env: [] });
}

function prepare(first: FunctionObjects): {
  readonly fn: DevFunction;
  readonly clock: FakeClock;
  readonly written: KubeObject[];
  readonly said: string[];
  readonly read: ReturnType<typeof vi.fn<() => Promise<FunctionObjects>>>;
} {
  const clock = new FakeClock();
  const written: KubeObject[] = [];
  const said: string[] = [];
  const read = vi.fn(() => Promise.resolve(first));
  const client = {
    apply: (_resource: unknown, object: KubeObject) => {
      written.push(object);
      return Promise.resolve(object);
    },
  } as unknown as Pick<KubeClient, 'apply'>;
  const fn = new DevFunction(first, {
    clock,
    read,
    applier: new FunctionApplier(client),
    say: (line) => said.push(line),
  });
  return { fn, clock, written, said, read };
}

describe('a function that follows its files', () => {
  it('is applied when it changed, with one warm replica, and not when it was only touched', async () => {
    const { fn, written } = prepare(objects('one'));
    await fn.changed();
    await fn.changed();
    expect(written).toMatchObject([
      { kind: 'Function', metadata: { namespace: 'default' }, spec: { scaling: { minReplicas: 1 } } },
    ]);
  });

  it('has its ConfigMap applied before it', async () => {
    const { fn, written } = prepare(objects('one', '/src/hello.ts'));
    await fn.changed();
    expect(written.map(({ kind }) => kind)).toEqual(['ConfigMap', 'Function']);
  });

  it('tells how long ago it was saved: not at the start, and once for each change', async () => {
    const { fn, clock, read } = prepare(objects('one'));
    await fn.changed();
    expect(fn.takeSinceSaveMs()).toBeUndefined();
    read.mockResolvedValue(objects('two'));
    await fn.changed();
    await clock.advance(120);
    expect(fn.takeSinceSaveMs()).toBe(120);
    expect(fn.takeSinceSaveMs()).toBeUndefined();
  });

  it('that is saved while it is applied is applied once more, as it is then', async () => {
    const { fn, written, read } = prepare(objects('one'));
    const slow = Promise.withResolvers<FunctionObjects>();
    read.mockReturnValueOnce(slow.promise);
    const done = fn.changed();
    void fn.changed();
    read.mockResolvedValue(objects('two'));
    slow.resolve(objects('one'));
    await done;
    await settle();
    expect(written).toMatchObject([{ spec: { source: { inline: 'one' } } }, { spec: { source: { inline: 'two' } } }]);
  });

  it('that cannot be served any more says why, and stays as it was', async () => {
    const { fn, written, said, read } = prepare(objects('one'));
    await fn.changed();
    read.mockRejectedValueOnce(new SourceError('/src/hello.mjs is empty'));
    await fn.changed();
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(
      /^[0-9:.]{12} {2}failed {2}hello {2}\/src\/hello\.mjs is empty; the code from before goes on serving$/u,
    );
    expect(written).toHaveLength(1);
  });
});
