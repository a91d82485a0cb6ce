import { createHash } from 'node:crypto';

/** JSON with sorted keys and without absent values, so that equal content has equal text. Order in lists counts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

/** Of text in UTF-8, in hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]));
}
