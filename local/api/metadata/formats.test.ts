import { describe, expect, it } from 'vitest';
import {
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  type Format,
  labelValue,
  pathSegment,
  qualifiedName,
} from './formats.ts';

/** Well formed and not, at the borders; the words are held by the contract tests, against a real server too. */
const formats: readonly { name: string; format: Format; right: readonly string[]; wrong: readonly string[] }[] = [
  {
    name: 'a label of RFC 1123',
    format: dns1123Label,
    right: ['a', '0', 'a-b', '1-2', 'a'.repeat(63)],
    wrong: ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'a\n', 'é', 'a'.repeat(64)],
  },
  {
    name: 'a subdomain',
    format: dns1123Subdomain,
    right: ['a', 'a.b', '0.1-2', 'a'.repeat(253)],
    wrong: ['', '.a', 'a.', 'a..b', 'a.-b', 'A.b', 'a'.repeat(254)],
  },
  { name: 'a label of RFC 1035', format: dns1035Label, right: ['a', 'a1', 'a-1'], wrong: ['', '1a', '-a', 'a-', 'A'] },
  {
    name: 'a part of a path',
    format: pathSegment,
    right: ['a', 'system:node', 'A.b', '...'],
    wrong: ['.', '..', 'a/b', 'a%b'],
  },
  {
    name: 'a qualified name',
    format: qualifiedName,
    right: ['a', 'A_b.c-1', 'flint.dev/a', `a/${'b'.repeat(63)}`, `${'a'.repeat(253)}/b`],
    wrong: ['', '-a', 'a-', 'a b', '/a', 'a/', 'a/b/c', 'A.dev/b', `a/${'b'.repeat(64)}`, `${'a'.repeat(254)}/b`],
  },
  {
    name: 'the value of a label',
    format: labelValue,
    right: ['', 'a', 'A_b.c-1', 'a'.repeat(63)],
    wrong: ['-', 'a b', '.a', 'a.', 'a/b', 'é', 'a'.repeat(64)],
  },
];

describe.each(formats)('$name', ({ format, right, wrong }) => {
  it.each(right)('may be %j', (value) => {
    expect(format(value)).toEqual([]);
  });

  it.each(wrong)('is not %j', (value) => {
    expect(format(value).length).toBeGreaterThan(0);
  });
});
