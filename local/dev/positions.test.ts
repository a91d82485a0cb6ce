import { expect, it } from 'vitest';
import { showFiles, showPositions, showStack } from './positions.ts';

const context = {
  volumes: '/data of ada/volumes',
  files: new Map([
    ['index.ts', 'src/hello.ts'],
    ['words.mjs', 'src/words.mjs'],
  ]),
};
const url = 'file:///data%20of%20ada/volumes/0a1b2c';

it('the place in a message of the runtime is shown in the author’s file', () => {
  expect(showPositions('SyntaxError: Unexpected token (index.ts:3:5)', context)).toBe(
    'SyntaxError: Unexpected token (src/hello.ts:3:5)',
  );
});

it('a path or URL in the volume of the code becomes the author’s file', () => {
  expect(showPositions(`at default (${url}/index.ts:3:5)`, context)).toBe('at default (src/hello.ts:3:5)');
  expect(showPositions("from '/data of ada/volumes/0a1b2c/words.mjs'", context)).toBe("from 'src/words.mjs'");
  expect(showPositions(`Cannot find module '${url}/gone.mjs'`, context)).toBe("Cannot find module 'gone.mjs'");
});

it('a text of the runtime names files without a place', () => {
  const cases = {
    'index.ts has no default export; it exports: words': 'src/hello.ts has no default export; it exports: words',
    "index.ts has no export 'index.ts'": "src/hello.ts has no export 'index.ts'",
    'index.ts.default is an object': 'src/hello.ts.default is an object',
    "module './words.mjs' imported from index.ts (index.ts)":
      "module './words.mjs' imported from src/hello.ts (src/hello.ts)",
    "'b' (words.mjs:3:5)": "'b' (src/words.mjs:3:5)",
    'index.tsx, lib/index.ts, my-index.ts and other.ts': 'index.tsx, lib/index.ts, my-index.ts and other.ts',
  };
  for (const [text, want] of Object.entries(cases)) {
    expect(showFiles(text, context)).toBe(want);
  }
});

it('other files of the same name are left alone', () => {
  const text = 'at x (/usr/lib/index.ts:1:1) and my-index.ts:4 and /data of ada/volumes';
  expect(showPositions(text, context)).toBe(text);
});

it('a stack shows the frames of the author only, where there are some', () => {
  const own = `    at inner (${url}/index.ts:3:5)`;
  const foreign = '    at Server.handle (file:///flint/server.ts:1:1)';
  expect(showStack(`TypeError: boom\n${own}\n${foreign}`, context)).toBe(
    'TypeError: boom\n    at inner (src/hello.ts:3:5)',
  );
  expect(showStack(`TypeError: boom\n${foreign}`, context)).toBe(`TypeError: boom\n${foreign}`);
});
