import { isDeepStrictEqual } from 'node:util';
import type { FunctionObject } from '../../lib/api/function.ts';
import type { Revision } from '../../lib/api/revision.ts';
import type { Clock } from '../../lib/clock.ts';
import { makeKey, splitKey } from '../../lib/kube/store.ts';
import { makeRoute } from './function-route.ts';
import { HostNames, type HostNameOptions, normalizeHost, tryParseHost } from './host-names.ts';
import { findNearMisses } from './near-miss.ts';
import type { FunctionRoute } from './route.ts';
import { SearchBudget } from './search-budget.ts';

export interface RouteTableOptions extends HostNameOptions {
  readonly clock: Clock;
  /** By `namespace/name`; what the watch caches hold at the moment. */
  readonly functionOf: (key: string) => FunctionObject | undefined;
  readonly revisionOf: (key: string) => Revision | undefined;
  readonly onChange: (route: FunctionRoute) => void;
  readonly onRemove: (route: FunctionRoute) => void;
}

/** RFC 1035; what is longer is nobody's name and only fills answers and logs. */
const maxHostLength = 253;

/** For wrong hosts, by anybody. One takes some milliseconds among 10,000 functions: all of them are a few per cent of the time. */
const searchesPerSecond = 5;

/** Host → Function. One entry a Function, whatever the number of its hosts; a look-up is a parse and a `Map.get`. */
export class RouteTable {
  readonly #options: RouteTableOptions;
  readonly #names: HostNames;
  /** By `name.namespace`. */
  readonly #routes = new Map<string, FunctionRoute>();
  readonly #searches: SearchBudget;

  constructor(options: RouteTableOptions) {
    this.#options = options;
    this.#searches = new SearchBudget({ clock: options.clock, perSecond: searchesPerSecond });
    this.#names = new HostNames(options);
  }

  get size(): number {
    return this.#routes.size;
  }

  /** @param host as the client sent it, with or without port, in any case. */
  find(host: string): FunctionRoute | undefined {
    const parsed = tryParseHost(normalizeHost(host));
    return parsed !== undefined && this.#names.isKnown(parsed) ? this.#routes.get(parsed.short) : undefined;
  }

  /** Something about this Function may have changed: reads what is known now. Tells nobody when it comes to the same. */
  refresh(key: string): void {
    const { namespace = '', name } = splitKey(key);
    const short = `${name}.${namespace}`;
    const before = this.#routes.get(short);
    const fn = this.#options.functionOf(key);
    if (fn === undefined) {
      this.#remove(short, before);
      return;
    }
    const route = makeRoute(fn, (revision) => this.#options.revisionOf(makeKey(namespace, revision)));
    if (!isDeepStrictEqual(route, before)) {
      this.#routes.set(short, route);
      this.#options.onChange(route);
    }
  }

  /** One sentence for who asked for a host that no function has. */
  explainMiss(host: string): string {
    const normal = normalizeHost(host).slice(0, maxHostLength);
    const parsed = tryParseHost(normal);
    if (parsed !== undefined && !this.#names.isKnown(parsed) && this.#routes.has(parsed.short)) {
      const hosts = this.#names.domains.map((domain) => `${parsed.short}.${domain}`);
      return `no function has the host '${normal}'; '${parsed.short}' is reached as ${[parsed.short, ...hosts].join(', ')}`;
    }
    const near = this.#searches.take() ? findNearMisses(normal, parsed, this.#routes.values()) : [];
    const forms = (short: string): string => this.#names.formsBeside(normal, short).join(' or ');
    const advice =
      near.length === 0
        ? `a function is reached as ${forms('<name>.<namespace>')}`
        : `say ${near.map(forms).join(' or ')}`;
    return `no function has the host '${normal}'; ${advice}`;
  }

  #remove(short: string, before: FunctionRoute | undefined): void {
    if (before !== undefined) {
      this.#routes.delete(short);
      this.#options.onRemove(before);
    }
  }
}
