export interface HostOptions {
  /** Functions answer at `NAME.NAMESPACE.DOMAIN`. */
  readonly domains: readonly string[];
  /** `cluster.local` */
  readonly clusterDomain: string;
}

/** Every host name that reaches the function, in lower case. */
export function hostsOf(fn: { readonly namespace: string; readonly name: string }, options: HostOptions): string[] {
  const base = `${fn.name}.${fn.namespace}`;
  const suffixes = ['', '.svc', `.svc.${options.clusterDomain}`, ...options.domains.map((domain) => `.${domain}`)];
  return suffixes.map((suffix) => (base + suffix).toLowerCase());
}

/** A `Host` header as it stands in the table: without port, without the dot of the root, in lower case. */
export function normaliseHost(header: string): string {
  const bracket = header.startsWith('[') ? header.indexOf(']') : -1;
  const colon = header.indexOf(':', bracket + 1);
  const host = (colon < 0 ? header : header.slice(0, colon)).toLowerCase();
  return host.endsWith('.') ? host.slice(0, -1) : host;
}

const farthest = 2;

/** The known hosts that somebody may have meant, the closest first: a forgotten namespace, a slip of the finger. */
export function nearMisses(host: string, known: Iterable<string>, most = 3): string[] {
  const found: { readonly host: string; readonly distance: number }[] = [];
  for (const candidate of known) {
    const isPrefix = candidate.startsWith(`${host}.`);
    const distance = isPrefix ? 0 : editDistance(host, candidate, farthest);
    if (distance <= farthest) {
      found.push({ host: candidate, distance });
    }
  }
  return found
    .sort((a, b) => a.distance - b.distance || a.host.length - b.host.length || (a.host < b.host ? -1 : 1))
    .slice(0, most)
    .map((miss) => miss.host);
}

/** Levenshtein's distance, or something larger than `limit` as soon as it must be. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) {
    return limit + 1;
  }
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
    if (Math.min(...row) > limit) {
      return limit + 1;
    }
  }
  return row[b.length] ?? limit + 1;
}
