import type {
  ApplyOptions,
  DeleteOptions,
  KubeClient,
  ListPage,
  WatchEvent,
  WatchOptions,
} from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { events, type Resource } from '../../lib/kube/resources.ts';
import { WatchFaults } from './watch-faults.ts';

/** What the API refuses to a process that died. */
export class CrashError extends Error {}

/** A call of the operator, and whether it changed anything. */
export interface ObservedCall {
  readonly verb: string;
  readonly resource: Resource;
  /** The object that was sent, or the name of the one that was meant. */
  readonly subject: {
    readonly name?: string;
    readonly metadata?: KubeObject['metadata'];
    readonly status?: { readonly observedGeneration?: number };
  };
  readonly options: Partial<ApplyOptions> & DeleteOptions;
}

export interface Observer {
  /** Before a call reaches the API; what it throws, the operator gets in place of an answer. */
  before(call: ObservedCall): void | Promise<void>;
  /** After a write that succeeded; what it throws, the operator gets in place of the answer. */
  wrote(call: ObservedCall): void;
}

/** The API as one operator process sees it: calls are watched and can be made to fail, its watches are at the test's mercy. */
export class ObservedClient {
  readonly watches: WatchFaults;
  readonly client: KubeClient;
  isCut = false;

  constructor(api: KubeClient, observer: Observer) {
    this.watches = new WatchFaults(api);
    this.client = new Proxy(api, {
      get: (target, verb: keyof KubeClient) => {
        if (verb === 'list') {
          return (...args: Parameters<KubeClient['list']>): AsyncIterable<ListPage<KubeObject>> =>
            this.watches.list(...args);
        }
        if (verb === 'watch') {
          return (
            resource: Resource,
            options: WatchOptions,
            signal: AbortSignal,
          ): AsyncIterable<WatchEvent<KubeObject>> => this.watches.watch(resource, options, signal);
        }
        return async (resource: Resource, subject: KubeObject, ...rest: unknown[]) => {
          const call = { verb, resource, subject, options: (rest.at(-1) ?? {}) as ObservedCall['options'] };
          await this.#ask(call, observer);
          const { [verb]: method } = target as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
          const answer = await method?.call(target, resource, subject, ...rest);
          if (verb !== 'get' && resource !== events && call.options.dryRun !== true) {
            observer.wrote(call);
          }
          return answer;
        };
      },
    });
  }

  /** Nothing of the process reaches the API any more, as after kill -9. */
  cut(): void {
    this.isCut = true;
    this.watches.end(new CrashError('the process died'));
  }

  async #ask(call: ObservedCall, observer: Observer): Promise<void> {
    if (this.isCut) {
      throw new CrashError('the process died');
    }
    // Events are nobody's business: when they are written depends on the spam filter only.
    if (call.resource !== events) {
      await observer.before(call);
    }
  }
}
