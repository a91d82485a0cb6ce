import type { Exchange, Layer } from './exchange.ts';

export interface LedgerCounts {
  /** Requests whose head was read. */
  readonly accepted: number;
  /** Their answer was sent, or begun and cut off by us. */
  readonly answered: number;
  /** Their client left before. */
  readonly abandoned: number;
  readonly inFlight: number;
}

/**
 * Keeps book of every request. The four counts are taken at four places, so that one that gets lost between them shows:
 * accepted by the server, in flight by the chain, answered and abandoned by the connection.
 */
export class Ledger {
  readonly #inFlight = new Set<Exchange>();
  #accepted = 0;
  #answered = 0;
  #abandoned = 0;
  #onIdle: (() => void) | undefined;

  accept(exchange: Exchange): void {
    this.#accepted++;
    void exchange.closed.then(() => {
      if (exchange.isAbandoned) {
        this.#abandoned++;
      } else {
        this.#answered++;
      }
    });
  }

  /** The outermost step: a request is in flight until it is handled and its connection has taken or lost the answer. */
  readonly layer: Layer = (next) => async (exchange) => {
    this.#inFlight.add(exchange);
    try {
      await next(exchange);
      await exchange.closed;
    } finally {
      this.#inFlight.delete(exchange);
      if (this.#inFlight.size === 0) {
        this.#onIdle?.();
      }
    }
  };

  /** Resolves at the first moment without a request in flight. */
  untilIdle(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#onIdle = () => {
      resolve(undefined);
    };
    if (this.#inFlight.size === 0) {
      resolve(undefined);
    }
    return promise;
  }

  get inFlight(): ReadonlySet<Exchange> {
    return this.#inFlight;
  }

  get counts(): LedgerCounts {
    return {
      accepted: this.#accepted,
      answered: this.#answered,
      abandoned: this.#abandoned,
      inFlight: this.#inFlight.size,
    };
  }

  /** I6: reads 0. */
  get unaccounted(): number {
    return this.#accepted - this.#answered - this.#abandoned - this.#inFlight.size;
  }
}
