import { describe, expect, it } from 'vitest';
import type { ConfigMapData } from '../../../lib/kube/objects.ts';
import { digestCode } from './code.ts';

const digest = (files: ConfigMapData): string => digestCode(files).sha256;

describe('the digest of code', () => {
  it('lists the files of both kinds, sorted', () => {
    expect(digestCode({ data: { 'b.mjs': '', 'a.mjs': '' }, binaryData: { 'aa.wasm': '' } }).files).toEqual([
      'a.mjs',
      'aa.wasm',
      'b.mjs',
    ]);
  });

  it('is pinned: another one would rename every Revision with code', () => {
    expect(digest({ data: { 'index.mjs': 'export default 1;\n' } })).toBe(
      '7bccb23c9d247b0d8d8ebe5b23499f78bc96f1b94fb4b34f9b29c7cdde306afc',
    );
  });

  it('is the same in whatever order the files come, and in whatever form their bytes', () => {
    expect(digest({ data: { a: 'grüß', b: '2' } })).toBe(
      digest({ binaryData: { b: Buffer.from('2').toString('base64'), a: Buffer.from('grüß').toString('base64') } }),
    );
  });

  const differing: readonly { name: string; one: ConfigMapData; other: ConfigMapData }[] = [
    { name: 'a byte', one: { data: { a: 'x' } }, other: { data: { a: 'y' } } },
    { name: 'a name', one: { data: { a: 'x' } }, other: { data: { b: 'x' } } },
    { name: 'an empty file', one: { data: { a: 'x' } }, other: { data: { a: 'x', b: '' } } },
    { name: 'where one file ends', one: { data: { a: 'xy', b: 'z' } }, other: { data: { a: 'x', b: 'yz' } } },
    { name: 'which file has what', one: { data: { a: 'x', b: 'y' } }, other: { data: { a: 'y', b: 'x' } } },
  ];
  it.each(differing)('tells apart what differs by $name', ({ one, other }) => {
    expect(digest(one)).not.toBe(digest(other));
  });

  it('of no files at all is one too', () => {
    expect(digestCode({})).toEqual({
      files: [],
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    });
  });
});
