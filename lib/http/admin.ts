import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Runnable } from '../lifecycle.ts';
import { createServer } from './node-http.ts';

/** Something that has to be true before a process may get work: a filled cache, a bound port. */
interface ReadinessCheck {
  readonly name: string;
  readonly isReady: () => boolean;
}

export interface AdminOptions {
  readonly host: string;
  readonly port: number;
  readonly checks: readonly ReadinessCheck[];
  /** Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

/**
 * `/livez`, `/readyz` and `/metrics` of a process. Three GETs: a web framework would cost 13 MB for them. It outlives what
 * it reports on: a process that drains answers 503 here instead of refusing the connection.
 */
export class AdminServer implements Runnable {
  readonly name = 'admin server';
  readonly #options: AdminOptions;
  readonly #server: Server;

  constructor(options: AdminOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request.method ?? '', request.url ?? '', response).catch((error: unknown) => {
        reply(response, 500, String(error));
      });
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#options.port, this.#options.host);
    await once(this.#server, 'listening');
  }

  async run(signal: AbortSignal): Promise<void> {
    if (!this.#server.listening) {
      await this.listen();
    }
    if (!signal.aborted) {
      await once(signal, 'abort');
    }
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(method: string, url: string, response: ServerResponse): Promise<void> {
    if (method !== 'GET' && method !== 'HEAD') {
      reply(response, 405, 'only GET');
      return;
    }
    switch (url.split('?', 1).join()) {
      case '/livez':
        reply(response, 200, 'ok');
        return;
      case '/readyz':
        this.#answerReadiness(response);
        return;
      case '/metrics':
        reply(response, 200, await this.#options.metrics());
        return;
      default:
        reply(response, 404, 'there are /livez, /readyz and /metrics');
    }
  }

  #answerReadiness(response: ServerResponse): void {
    const missing = this.#options.checks.filter((check) => !check.isReady()).map((check) => check.name);
    if (missing.length === 0) {
      reply(response, 200, 'ok');
    } else {
      reply(response, 503, `not ready: ${missing.join(', ')}`);
    }
  }
}

function reply(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
    .end(text.endsWith('\n') ? text : `${text}\n`);
}
