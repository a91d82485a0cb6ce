/** Two words, and from where on they are compared. */
interface Pair {
  readonly a: string;
  readonly b: string;
}

/**
 * Levenshtein's distance, or anything above `max` once it is clear that it is larger. It is for a small `max`: what both words
 * have in common is skipped, and of each difference its three ways are tried. Most words cost a few looks, none costs memory.
 */
export function editDistance(a: string, b: string, max: number): number {
  return distanceFrom({ a, b }, 0, 0, max);
}

function distanceFrom(pair: Pair, fromA: number, fromB: number, max: number): number {
  const { a, b } = pair;
  let i = fromA;
  let j = fromB;
  while (i < a.length && j < b.length && a.charCodeAt(i) === b.charCodeAt(j)) {
    i++;
    j++;
  }
  const restA = a.length - i;
  const restB = b.length - j;
  if (restA === 0 || restB === 0) {
    return restA + restB;
  }
  if (Math.abs(restA - restB) > max || max === 0) {
    return max + 1;
  }
  const other = Math.min(distanceFrom(pair, i + 1, j, max - 1), distanceFrom(pair, i, j + 1, max - 1));
  return 1 + Math.min(other, distanceFrom(pair, i + 1, j + 1, max - 1));
}
