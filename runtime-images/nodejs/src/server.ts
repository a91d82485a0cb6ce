import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { currentInvocation, type InvocationContext } from './context.ts';
import type { Invoke } from './handlers/fetch.ts';
import { log } from './logging.ts';
import type { Options } from './options.ts';

export interface RuntimeServer {
  readonly server: Server;
  /** Stops accepting, and resolves when nothing runs any more or `drainMs` have passed. */
  drain(drainMs: number): Promise<void>;
}

export interface ServerDeps {
  readonly options: Options;
  readonly invoke: Invoke;
  /** How long the handler took to load, in milliseconds; told with the first answer. */
  readonly loadMs: number;
}

export function makeServer({ options, invoke, loadMs }: ServerDeps): RuntimeServer {
  const running = new Set<Promise<unknown>>();
  let isFirst = true;
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    if (isFirst) {
      isFirst = false;
      response.setHeader('flint-load-ms', loadMs.toFixed(1));
    }
    const context = makeContext(request, options, running);
    const work = currentInvocation.run(context, () => answer(request, response, { invoke, context }));
    track(running, work);
  });
  return { server, drain: (drainMs) => drain(server, running, drainMs) };
}

function makeContext(request: IncomingMessage, options: Options, running: Set<Promise<unknown>>): InvocationContext {
  const header = request.headers['x-request-id'];
  return {
    requestId: typeof header === 'string' && header !== '' ? header : randomUUID(),
    functionName: options.functionName,
    namespace: options.namespace,
    revision: options.revision,
    waitUntil: (work) => {
      track(
        running,
        work.catch((error: unknown) => {
          log('error', 'work after the answer failed', errorFields(error));
        }),
      );
    },
  };
}

function track(running: Set<Promise<unknown>>, work: Promise<unknown>): void {
  running.add(work);
  void work.finally(() => running.delete(work));
}

interface Invocation {
  readonly invoke: Invoke;
  readonly context: InvocationContext;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { invoke, context }: Invocation,
): Promise<void> {
  try {
    await invoke(request, response, context);
  } catch (error) {
    if (request.destroyed && !response.headersSent && response.destroyed) {
      return;
    }
    log('error', error instanceof Error ? error.message : String(error), errorFields(error));
    fail(response, context);
  }
}

function errorFields(error: unknown): Record<string, unknown> {
  return error instanceof Error ? { error: error.name, stack: error.stack } : {};
}

/** The client learns that it failed, and by which id to ask about it; never how. */
function fail(response: ServerResponse, context: InvocationContext): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = {
    title: 'Internal Server Error',
    status: 500,
    detail: 'the function failed',
    requestId: context.requestId,
  };
  response.writeHead(500, { 'content-type': 'application/problem+json' }).end(`${JSON.stringify(problem)}\n`);
}

async function drain(server: Server, running: ReadonlySet<Promise<unknown>>, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeIdleConnections();
  const deadline = new Promise<void>((resolve) => {
    setTimeout(resolve, drainMs).unref();
  });
  const idle = async (): Promise<void> => {
    while (running.size > 0) {
      await Promise.allSettled(running);
    }
    server.closeIdleConnections();
    await closed;
  };
  await Promise.race([idle(), deadline]);
}
