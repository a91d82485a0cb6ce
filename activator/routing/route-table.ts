import { findCondition } from '../../lib/api/conditions.ts';
import { functionDefaults } from '../../lib/api/defaults.ts';
import type { FunctionObject } from '../../lib/api/function.ts';
import { type Failure, failureReasons } from '../../lib/api/reasons.ts';
import type { Revision } from '../../lib/api/revision.ts';
import { keyOf, makeKey } from '../../lib/kube/store.ts';
import { hostsOf, type HostOptions, nearMisses, normaliseHost } from './hosts.ts';
import type { FunctionRoute, RevisionTarget } from './route.ts';
import { compileSettings } from './settings.ts';

export interface RouteListener {
  onRoute(route: FunctionRoute): void;
  onRouteRemoved(key: string): void;
}

/** Host → function, kept from the caches of Functions and Revisions. A look-up is one Map access. */
export class RouteTable {
  readonly #options: HostOptions;
  readonly #listener: RouteListener;
  readonly #byHost = new Map<string, FunctionRoute>();
  readonly #functions = new Map<string, FunctionObject>();
  /** By `namespace/name` of the Revision. */
  readonly #revisions = new Map<string, Revision>();

  constructor(options: HostOptions, listener: RouteListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** @param header the request's `Host` */
  find(header: string): FunctionRoute | undefined {
    return this.#byHost.get(header) ?? this.#byHost.get(normaliseHost(header));
  }

  /** What a client may have meant with a host that nobody has. */
  suggest(header: string): string[] {
    return nearMisses(normaliseHost(header), this.#byHost.keys());
  }

  functionChanged(fn: FunctionObject): void {
    this.#functions.set(keyOf(fn), fn);
    this.#publish(fn);
  }

  functionDeleted(fn: FunctionObject): void {
    const key = keyOf(fn);
    this.#functions.delete(key);
    for (const host of this.#hostsOf(fn)) {
      this.#byHost.delete(host);
    }
    this.#listener.onRouteRemoved(key);
  }

  revisionChanged(revision: Revision): void {
    this.#revisions.set(keyOf(revision), revision);
    const fn = this.#functions.get(makeKey(revision.metadata.namespace, revision.spec.functionName));
    if (fn !== undefined) {
      this.#publish(fn);
    }
  }

  revisionDeleted(revision: Revision): void {
    this.#revisions.delete(keyOf(revision));
  }

  #publish(fn: FunctionObject): void {
    const route = makeRoute(fn, (name) => this.#revisions.get(makeKey(fn.metadata.namespace, name)));
    const [first = ''] = this.#hostsOf(fn);
    if (isSame(this.#byHost.get(first), route)) {
      return;
    }
    for (const host of this.#hostsOf(fn)) {
      this.#byHost.set(host, route);
    }
    this.#listener.onRoute(route);
  }

  #hostsOf({ metadata: { name, namespace = '' } }: FunctionObject): string[] {
    return hostsOf({ name, namespace }, this.#options);
  }
}

/** Status changes with every replica; most of them change nothing here. */
function isSame(a: FunctionRoute | undefined, b: FunctionRoute): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/** A target whose Revision is not in the cache yet is left out; its arrival publishes the route again. */
function makeRoute(fn: FunctionObject, revisionOf: (name: string) => Revision | undefined): FunctionRoute {
  const { name, namespace = '' } = fn.metadata;
  const targets = (fn.status?.traffic ?? []).flatMap(({ revisionName, percent }): RevisionTarget[] => {
    const revision = revisionOf(revisionName);
    if (revision === undefined || percent === 0) {
      return [];
    }
    return [
      {
        revisionName,
        percent,
        concurrencyLimit: revision.spec.concurrency?.limit ?? functionDefaults.concurrencyLimit,
        protocol: revision.spec.protocol,
      },
    ];
  });
  return {
    key: keyOf(fn),
    namespace,
    name,
    settings: compileSettings(fn.spec),
    targets,
    latestCreatedRevision: fn.status?.latestCreatedRevision,
    failure: targets.length === 0 ? failureOfFunction(fn) : undefined,
  };
}

/** Only what speaks of the present spec: a failure that the last apply may have mended is none. */
function failureOfFunction(fn: FunctionObject): Failure | undefined {
  const ready = findCondition(fn.status?.conditions, 'Ready');
  const reason = failureReasons.find((candidate) => candidate === ready?.reason);
  const isCurrent = fn.status?.observedGeneration === fn.metadata.generation;
  return ready?.status === 'False' && reason !== undefined && isCurrent
    ? { reason, message: ready.message }
    : undefined;
}
