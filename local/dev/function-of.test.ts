import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { basename, join, resolve } from 'node:path';
import { readInstallation, shippedRuntimes } from '../launch/installation.ts';
import { extensions, functionOf, type FunctionObjects, type LocalSource, nameOf, SourceError } from './function-of.ts';
import { isFunctionName } from './options.ts';

const settings = { name: 'hello', env: [] };

function file(path: string, content: string | Buffer): LocalSource {
  return { path, kind: 'file', files: new Map([[basename(path), Buffer.from(content)]]) };
}

function folder(files: Readonly<Record<string, string | Buffer>>): LocalSource {
  const contents = Object.entries(files).map(([name, content]): [string, Buffer] => [name, Buffer.from(content)]);
  return { path: '/src/greeting', kind: 'folder', files: new Map(contents) };
}

function serve(source: LocalSource): FunctionObjects {
  return functionOf(source, settings);
}

it('knows the entry files of the Runtime that the embedded cluster has', async () => {
  const [runtime] = shippedRuntimes(await readInstallation(resolve(import.meta.dirname, '../..')));
  expect(extensions.map((extension) => `index${extension}`)).toEqual(runtime?.spec.entryFiles);
});

describe('the name of a function', () => {
  const cases = {
    '/src/hello.mjs': 'hello',
    '/src/My Function_v2.ts': 'my-function-v2',
    '/src/greeting': 'greeting',
    '/src/greeting/index.mjs': 'greeting',
    '/src/1st.mjs': 'st',
    [`/src/${'long-'.repeat(12)}.mjs`]: 'long-'.repeat(10) + 'lo',
  };
  for (const [path, want] of Object.entries(cases)) {
    it(`comes from ${path}`, () => {
      expect(nameOf(path)).toBe(want);
    });
  }

  it('is asked for where none can be made', () => {
    expect(() => nameOf('/src/2026.mjs')).toThrow(/--name/u);
  });

  it('is one that the API takes, whatever the file is called', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' }), (stem) => {
        try {
          return isFunctionName(nameOf(join('/src', `${stem}.mjs`)));
        } catch (error) {
          return error instanceof SourceError;
        }
      }),
    );
  });
});

describe('a file', () => {
  it('that ends in .mjs is inline source, and known to the runtime as index.mjs', () => {
    const { fn, configMap, files } = serve(file('/src/hello.mjs', 'export default 1;'));
    expect(fn.spec).toEqual({ runtime: 'nodejs', source: { inline: 'export default 1;' } });
    expect(configMap).toBeUndefined();
    expect([...files]).toEqual([['index.mjs', '/src/hello.mjs']]);
  });

  it('that ends in .ts keeps its extension, in a ConfigMap of its own', () => {
    const { fn, configMap, files } = serve(file('/src/hello.ts', 'export default 1;'));
    expect(fn.spec.source).toEqual({ configMap: { name: 'hello-code' } });
    expect(configMap?.data).toEqual({ 'index.ts': 'export default 1;' });
    expect([...files]).toEqual([['index.ts', '/src/hello.ts']]);
  });

  it('that is too long for inline source goes to a ConfigMap, and one too long for that is refused', () => {
    const { configMap } = serve(file('/src/hello.mjs', ' '.repeat(262_145)));
    expect(Object.keys(configMap?.data ?? {})).toEqual(['index.mjs']);
    expect(() => serve(file('/src/hello.mjs', ' '.repeat(1_048_577)))).toThrow(/1048577 bytes/u);
  });

  it('of another kind, or without anything in it, is refused', () => {
    expect(() => serve(file('/src/hello.py', 'x'))).toThrow(/\.mjs, \.js, \.cjs, \.ts, \.mts/u);
    expect(() => serve(file('/src/hello.mjs', ''))).toThrow('/src/hello.mjs is empty');
  });
});

describe('a folder', () => {
  it('is a ConfigMap of its files, those that are no text in base64', () => {
    const png = Buffer.from([0xff, 0xd8]);
    const { fn, configMap, files } = serve(folder({ 'words.mjs': 'b', 'index.mjs': 'a', 'logo.png': png }));
    expect(fn.spec.source).toEqual({ configMap: { name: 'hello-code' } });
    expect(configMap).toMatchObject({
      data: { 'index.mjs': 'a', 'words.mjs': 'b' },
      binaryData: { 'logo.png': png.toString('base64') },
    });
    expect(files.get('words.mjs')).toBe('/src/greeting/words.mjs');
  });

  it('that holds only index.mjs is inline source', () => {
    expect(serve(folder({ 'index.mjs': 'a' })).fn.spec.source).toEqual({ inline: 'a' });
  });

  it('without an index file, or with a name that a ConfigMap does not take, is refused', () => {
    expect(() => serve(folder({ 'main.mjs': 'a' }))).toThrow(/no index file.*index\.mjs/u);
    expect(() => serve(folder({ 'index.mjs': 'a', 'a b.txt': '' }))).toThrow('/src/greeting/a b.txt');
  });
});

it('the environment stands in the Function only when there is one', () => {
  const env = [{ name: 'A', value: 'b' }];
  expect(functionOf(file('/src/a.mjs', 'x'), { name: 'a', env }).fn.spec.env).toEqual(env);
  expect(serve(file('/src/a.mjs', 'x')).fn.spec).not.toHaveProperty('env');
});
