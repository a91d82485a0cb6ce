import type { IncomingMessage, ServerResponse } from 'node:http';
import { asyncHooks } from './builtin.ts';
import type { Environment } from './config.ts';
import type { Log, LogFields } from './log.ts';

/** Who is running, and with which environment. */
export interface Identity {
  readonly functionName: string;
  readonly namespace: string;
  readonly revision: string;
  readonly env: Environment;
}

/** Second argument of a handler: what it may want to know or do beyond its request. */
export interface Context extends Identity {
  /** The request's `x-request-id`; on every log line written while it runs. */
  readonly requestId: string;
  readonly log: Log;
  /** Aborts when the client leaves before its answer is complete. */
  readonly signal: AbortSignal;
  /** The process does not end before `work` has, within the drain timeout. The answer does not wait for it. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** One request and its answer, with the function's view of it. */
export interface Invocation {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly context: Context;
}

/** Which invocation the running code belongs to, across everything it awaits. */
export class Invocations {
  readonly #storage = new asyncHooks.AsyncLocalStorage<Invocation>();

  current(): Invocation | undefined {
    return this.#storage.getStore();
  }

  run<T>(invocation: Invocation, work: () => T): T {
    return this.#storage.run(invocation, work);
  }

  logFields(): LogFields {
    const invocation = this.current();
    return invocation === undefined ? {} : { requestId: invocation.context.requestId };
  }
}

export interface ContextDeps {
  readonly identity: Identity;
  readonly log: Log;
  readonly makeId: () => string;
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** Own properties are what may be shown: whoever answers or logs a context must not publish its environment. */
class InvocationContext implements Context {
  readonly requestId: string;
  readonly functionName: string;
  readonly namespace: string;
  readonly revision: string;
  readonly waitUntil: Context['waitUntil'];
  readonly #deps: ContextDeps;
  readonly #response: ServerResponse;
  #signal: AbortSignal | undefined;

  constructor(deps: ContextDeps, requestId: string, response: ServerResponse) {
    const { functionName, namespace, revision } = deps.identity;
    this.requestId = requestId;
    this.functionName = functionName;
    this.namespace = namespace;
    this.revision = revision;
    this.waitUntil = deps.waitUntil;
    this.#deps = deps;
    this.#response = response;
  }

  get env(): Environment {
    return this.#deps.identity.env;
  }

  get log(): Log {
    return this.#deps.log;
  }

  /** Made when it is looked at: few handlers do, and an AbortController a request is not free. */
  get signal(): AbortSignal {
    this.#signal ??= signalOf(this.#response);
    return this.#signal;
  }
}

export function makeContext(deps: ContextDeps, request: IncomingMessage, response: ServerResponse): Context {
  return new InvocationContext(deps, requestIdOf(request) ?? deps.makeId(), response);
}

/** What a log may safely carry: visible ASCII, at most 128 characters. */
function requestIdOf(request: IncomingMessage): string | undefined {
  const id = request.headers['x-request-id'];
  return typeof id === 'string' && /^[\x21-\x7e]{1,128}$/u.test(id) ? id : undefined;
}

function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    if (!response.writableFinished) {
      controller.abort(new DOMException('the client closed the connection', 'AbortError'));
    }
  };
  if (response.closed) {
    abort();
  } else {
    response.once('close', abort);
  }
  return controller.signal;
}
