export interface HostNameOptions {
  /** Where the cluster's Services live: `cluster.local`. */
  readonly clusterDomain: string;
  /** Domains under which functions are reached from outside: `example.com`, `localhost`. */
  readonly domains: readonly string[];
}

/** A host of the shape `<name>.<namespace>[.<suffix>]`, whether such a function exists or not. */
export interface ParsedHost {
  /** `<name>.<namespace>`, what functions are filed under. */
  readonly short: string;
  /** What follows; '' when nothing does. */
  readonly suffix: string;
}

/** Which hosts mean a function: `hello.shop`, `hello.shop.svc`, `hello.shop.svc.<cluster domain>`, `hello.shop.<domain>`. */
export class HostNames {
  readonly domains: readonly string[];
  readonly #suffixes: ReadonlySet<string>;

  constructor({ clusterDomain, domains }: HostNameOptions) {
    this.domains = domains.map(normalizeHost);
    this.#suffixes = new Set(['', 'svc', `svc.${normalizeHost(clusterDomain)}`, ...this.domains]);
  }

  /**
   * The hosts of a function for who asked for another one: under the domain of that one, or all when it has none.
   * @param wrong normalized
   */
  formsBeside(wrong: string, short: string): readonly string[] {
    const domain = this.domains.find((known) => wrong === known || wrong.endsWith(`.${known}`));
    return domain === undefined ? [short, ...this.domains.map((known) => `${short}.${known}`)] : [`${short}.${domain}`];
  }

  isKnown({ suffix }: ParsedHost): boolean {
    return this.#suffixes.has(suffix);
  }
}

/** Lower case, without port and without the dot that ends an absolute name. */
export function normalizeHost(host: string): string {
  const end = endOfName(host);
  return (end === host.length ? host : host.slice(0, end)).toLowerCase();
}

/** @param host normalized. Undefined when it has fewer than two labels, or an empty one where name and namespace stand. */
export function tryParseHost(host: string): ParsedHost | undefined {
  const first = host.indexOf('.');
  if (first <= 0) {
    return undefined;
  }
  const second = host.indexOf('.', first + 1);
  const end = second === -1 ? host.length : second;
  if (end === first + 1) {
    return undefined;
  }
  return second === -1 ? { short: host, suffix: '' } : { short: host.slice(0, end), suffix: host.slice(end + 1) };
}

function endOfName(host: string): number {
  // An IPv6 literal has colons of its own; no function is named like one.
  const colon = host.startsWith('[') ? -1 : host.lastIndexOf(':');
  const end = colon === -1 ? host.length : colon;
  return host.endsWith('.', end) ? end - 1 : end;
}
