import type { Clock } from '../clock.ts';
import { errorMessage } from '../errors.ts';
import type { Logger } from '../log.ts';
import { StatusError } from './status-error.ts';

/** Where it is counted which namespaces are refused. */
export interface NamespaceAccessMetrics {
  refused(namespace: string, isRefused: boolean): void;
}

export interface NamespaceAccessDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: NamespaceAccessMetrics;
}

/** One kind in one namespace, as its reflector has it: it says how its tries end, and learns what that means. */
export interface KindAccess {
  failed(error: unknown): void;
  served(): void;
  /** True while the namespace is refused as a whole. */
  readonly isRefused: boolean;
  /** @returns true when it ended early: the namespace was refused and can be read again */
  pause(ms: number, signal: AbortSignal): Promise<boolean>;
}

/** A RoleBinding that is made together with the process needs a moment to count. */
const tries = 4;

/**
 * Tells a namespace that is gone, or not ours any more, from a server that fails. Its end takes the RoleBinding in it along, so
 * that every kind is answered 403 from then on. As long as any kind may be read, or fails otherwise, the namespace is there, and
 * a cache of it that is empty would be taken for the truth.
 */
export class NamespaceAccess {
  readonly #deps: NamespaceAccessDeps;
  readonly #namespaces = new Map<string, Namespace>();

  constructor(deps: NamespaceAccessDeps) {
    this.#deps = deps;
  }

  /** Before any kind is asked for. @param onRefused none of the namespace's kinds may be read */
  add(namespace: string, onRefused: () => void): KindAccess {
    const known = this.#namespaces.get(namespace) ?? new Namespace(namespace, this.#deps);
    this.#namespaces.set(namespace, known);
    return known.add(onRefused);
  }
}

/** Of a kind in all namespaces: it has to be readable. */
export function freeAccess(clock: Clock): KindAccess {
  return {
    isRefused: false,
    failed: () => undefined,
    served: () => undefined,
    pause: async (ms, signal) => {
      await clock.sleep(ms, signal).catch(() => undefined);
      return false;
    },
  };
}

interface Kind {
  refusals: number;
  readonly onRefused: () => void;
}

class Namespace {
  readonly #name: string;
  readonly #deps: NamespaceAccessDeps;
  readonly #kinds: Kind[] = [];
  /** Aborts when it may be read again; absent while it may be. */
  #return: AbortController | undefined;

  constructor(name: string, deps: NamespaceAccessDeps) {
    this.#name = name;
    this.#deps = deps;
  }

  add(onRefused: () => void): KindAccess {
    const kind: Kind = { refusals: 0, onRefused };
    this.#kinds.push(kind);
    const isRefused = (): boolean => this.#return !== undefined;
    return {
      get isRefused() {
        return isRefused();
      },
      failed: (error) => {
        kind.refusals = isRefusal(error) ? kind.refusals + 1 : 0;
        if (this.#return === undefined && this.#kinds.every(({ refusals }) => refusals >= tries)) {
          this.#refuse(error);
        }
      },
      served: () => {
        kind.refusals = 0;
        this.#serve();
      },
      pause: async (ms, signal) => {
        const returned = this.#return?.signal;
        const ends = returned === undefined ? signal : AbortSignal.any([signal, returned]);
        await this.#deps.clock.sleep(ms, ends).catch(() => undefined);
        return returned?.aborted === true;
      },
    };
  }

  #refuse(error: unknown): void {
    this.#return = new AbortController();
    this.#deps.log.warn('a namespace cannot be read; the others are served, and it is as soon as it can be', {
      namespace: this.#name,
      error: errorMessage(error),
      remedy:
        'if it is gone, take it out of FLINT_NAMESPACES (the chart: `namespaces`); if not, install its Role and RoleBinding again',
    });
    this.#deps.metrics.refused(this.#name, true);
    this.#kinds.forEach(({ onRefused }) => {
      onRefused();
    });
  }

  #serve(): void {
    if (this.#return === undefined) {
      return;
    }
    const waiting = this.#return;
    this.#return = undefined;
    this.#deps.log.info('a namespace can be read again', { namespace: this.#name });
    this.#deps.metrics.refused(this.#name, false);
    waiting.abort(new Error('the namespace can be read again'));
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof StatusError && (error.code === 403 || error.code === 404);
}
