import { expect, it } from 'vitest';
import { showPositions, showStack } from './positions.ts';

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
