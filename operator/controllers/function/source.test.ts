import { describe, expect, it } from 'vitest';
import type { FunctionSpec } from '../../../lib/api/function.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { ConfigMapData } from '../../../lib/kube/objects.ts';
import type { CachedConfigMap } from '../../cached-objects.ts';
import { aFunction, aRuntime } from '../../testing/builders.ts';
import { digestCode } from './code.ts';
import { type CodeSource, readFiles, readSource, type SourceInputs } from './source.ts';

const files: ConfigMapData = { data: { 'index.mjs': '1' }, binaryData: { 'a.wasm': 'AP8=' } };
const configMap: CachedConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'code', namespace: 'shop' },
  digest: digestCode(files),
};

describe('what a function runs', () => {
  const cases: readonly { name: string; spec: Partial<FunctionSpec>; inputs: SourceInputs; want: object }[] = [
    {
      name: 'is its image',
      spec: { source: { image: 'registry/hello:1' } },
      inputs: {},
      want: { kind: 'image', image: 'registry/hello:1' },
    },
    {
      name: "is its text, as the Runtime's first entry file",
      spec: { source: { inline: 'x' } },
      inputs: { runtime: aRuntime() },
      want: { kind: 'code', origin: { files: { data: { 'index.mjs': 'x' } } }, digest: { files: ['index.mjs'] } },
    },
    {
      name: 'is what its ConfigMap has',
      spec: { source: { configMap: { name: 'code' } } },
      inputs: { runtime: aRuntime(), configMap },
      want: { kind: 'code', origin: { configMap: 'code' }, digest: digestCode(files) },
    },
    {
      name: 'is missing with its ConfigMap',
      spec: { source: { configMap: { name: 'other' } } },
      inputs: { runtime: aRuntime() },
      want: { kind: 'missing', failure: { reason: 'ConfigMapNotFound' } },
    },
    {
      name: 'is missing with its Runtime, even if the code is there',
      spec: { runtime: 'deno', source: { inline: 'x' } },
      inputs: {},
      want: { kind: 'missing', failure: { reason: 'RuntimeNotFound' } },
    },
  ];
  it.each(cases)('$name', ({ spec, inputs, want }) => {
    expect(readSource(aFunction(spec), inputs)).toMatchObject(want);
  });
});

describe('the files', () => {
  const clientWith = (found: ConfigMapData): Pick<KubeClient, 'get'> => ({
    get: () => Promise.resolve({ ...configMap, ...found } as never),
  });
  const source = readSource(aFunction({ source: { configMap: { name: 'code' } } }), {
    runtime: aRuntime(),
    configMap,
  }) as CodeSource;

  it('of a ConfigMap are read when they are needed', async () => {
    expect(await readFiles(clientWith(files), 'shop', source)).toEqual(files);
  });

  it('are not those of a ConfigMap that has changed since it was looked at', async () => {
    const changed = { data: { 'index.mjs': '2' } };
    await expect(readFiles(clientWith(changed), 'shop', source)).rejects.toThrow("'code' changed while it was read");
  });
});
