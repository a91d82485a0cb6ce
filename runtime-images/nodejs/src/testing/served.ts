import { expect } from 'vitest';
import type { Invoke } from '../adapters/adapter.ts';
import { fetchAdapter } from '../adapters/fetch.ts';
import { FunctionServer } from '../http/server.ts';
import type { ServerDeps } from '../http/server.ts';
import { Invocations } from '../invocation.ts';
import type { Context } from '../invocation.ts';
import type { Log, LogFields } from '../log.ts';

/** Fires what was scheduled only when told to. */
class FakeTimers {
  readonly pending = new Set<() => void>();

  readonly schedule = (_ms: number, callback: () => void): (() => void) => {
    this.pending.add(callback);
    return () => this.pending.delete(callback);
  };

  fire(): void {
    for (const callback of this.pending) {
      this.pending.delete(callback);
      callback();
    }
  }
}

export interface Served {
  readonly server: FunctionServer;
  readonly url: string;
  readonly timers: FakeTimers;
  /** What was logged, as `level: message`. */
  readonly lines: string[];
}

/** Servers in this process, with time that stands still; `close` after each test. */
export class Servers {
  readonly #running: Served[] = [];

  async serve(invoke: Invoke, deps: Partial<ServerDeps> = {}): Promise<Served> {
    const timers = new FakeTimers();
    const lines: string[] = [];
    const server = new FunctionServer({
      invoke,
      invocations: new Invocations(),
      identity: { functionName: 'hello', namespace: 'shop', revision: 'hello-1', env: {} },
      log: logInto(lines),
      makeId: () => 'made',
      loadMs: 12.345,
      maxBodyBytes: 0,
      schedule: timers.schedule,
      ...deps,
    });
    const { port } = await server.listen({ port: 0, host: '127.0.0.1' });
    const served = { server, url: `http://127.0.0.1:${port}`, timers, lines };
    this.#running.push(served);
    return served;
  }

  async close(): Promise<void> {
    for (const { server, timers } of this.#running.splice(0)) {
      const drained = server.drain(1);
      await expect.poll(() => server.running === 0 || timers.pending.size > 0).toBe(true);
      timers.fire();
      await drained;
    }
  }
}

/** What a handler in fetch style is to the server. */
export function fetchStyle(handler: (request: Request, context: Context) => unknown): Invoke {
  const served = fetchAdapter.adapt({ name: 'index.mjs.default', value: handler, siblings: new Map() });
  if (served === undefined || served instanceof Promise) {
    throw new Error('not a handler');
  }
  return served.invoke;
}

function logInto(lines: string[]): Log {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const { error } = fields;
      lines.push(`${level}: ${message}${error instanceof Error ? `: ${error.message}` : ''}`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') };
}
