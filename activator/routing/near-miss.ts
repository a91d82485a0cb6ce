import type { ParsedHost } from './host-names.ts';

/** A function as hosts name it. */
export interface KnownName {
  readonly name: string;
  readonly namespace: string;
}

/** Names that are compared with a wrong one; a 404 must stay cheap with 10,000 functions. */
export const maxCompared = 1000;
const maxSuggestions = 3;
const maxDistance = 2;

/**
 * What the sender of an unknown host may have meant, best first: `hello` → `hello.shop`, `helo.shop` → `hello.shop`.
 * @param host normalized; @param parsed undefined when it is a single label.
 */
export function findNearMisses(
  host: string,
  parsed: ParsedHost | undefined,
  known: Iterable<KnownName>,
): readonly string[] {
  const wrong = parsed?.short ?? host;
  const found: { readonly short: string; readonly distance: number }[] = [];
  let compared = 0;
  for (const { name, namespace } of known) {
    if (++compared > maxCompared) {
      break;
    }
    const short = `${name}.${namespace}`;
    const distance = editDistance(wrong, parsed === undefined ? name : short, maxDistance);
    if (distance <= maxDistance && distance < wrong.length) {
      found.push({ short, distance });
    }
  }
  return found
    .sort((a, b) => a.distance - b.distance || (a.short < b.short ? -1 : 1))
    .slice(0, maxSuggestions)
    .map(({ short }) => short);
}

/** Levenshtein's distance, or anything above `max` once it is clear that it is larger. */
export function editDistance(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) {
    return max + 1;
  }
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    if (Math.min(...next) > max) {
      return max + 1;
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
