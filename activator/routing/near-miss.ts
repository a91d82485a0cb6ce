import { editDistance } from './edit-distance.ts';
import type { ParsedHost } from './host-names.ts';

/** A function as hosts name it. */
export interface KnownName {
  readonly name: string;
  readonly namespace: string;
}

/** Names that are looked at for a wrong one: as many as a cluster is meant for. */
export const maxCompared = 10_000;
const maxSuggestions = 3;
const maxDistance = 2;

interface NearMiss {
  readonly short: string;
  readonly distance: number;
}

/**
 * What the sender of an unknown host may have meant, best first: `hello` → `hello.shop`, `helo.shop` → `hello.shop`.
 * @param host normalized; @param parsed undefined when it is a single label.
 */
export function findNearMisses(
  host: string,
  parsed: ParsedHost | undefined,
  known: Iterable<KnownName>,
): readonly string[] {
  const length = (parsed?.short ?? host).length;
  const measure = parsed === undefined ? byName(host) : byBoth(parsed);
  const found: NearMiss[] = [];
  let compared = 0;
  for (const one of known) {
    if (++compared > maxCompared) {
      break;
    }
    const distance = measure(one);
    if (distance <= maxDistance && distance < length) {
      keepBest(found, { short: `${one.name}.${one.namespace}`, distance });
    }
  }
  return found.map(({ short }) => short);
}

function byName(wrong: string): (known: KnownName) => number {
  return ({ name }) => editDistance(wrong, name, maxDistance);
}

/** Functions of one namespace mostly come together, and most namespaces are nothing like the wrong one. */
function byBoth({ short }: ParsedHost): (known: KnownName) => number {
  const [wrongName = '', wrongNamespace = ''] = short.split('.');
  let before: string | undefined;
  let apart = 0;
  return ({ name, namespace }) => {
    if (namespace !== before) {
      before = namespace;
      apart = editDistance(wrongNamespace, namespace, maxDistance);
    }
    return apart > maxDistance ? apart : apart + editDistance(wrongName, name, maxDistance - apart);
  };
}

/** A name that all namespaces have is found ten thousand times: what is no better than the last one costs a look. */
function keepBest(found: NearMiss[], candidate: NearMiss): void {
  const last = found[maxSuggestions - 1];
  if (last === undefined || compare(candidate, last) < 0) {
    found.push(candidate);
    found.sort(compare);
    found.length = Math.min(found.length, maxSuggestions);
  }
}

function compare(a: NearMiss, b: NearMiss): number {
  return a.distance - b.distance || (a.short < b.short ? -1 : 1);
}
