import { AppError } from '../errors.ts';
import type { Exchange } from './exchange.ts';

/**
 * What an exchange holds in memory whose receiver takes nothing: 184 to 209 KB were measured, whatever is still to come. A full
 * buffer of the connection it goes to, one of the connection it comes from, and the message that was read in between.
 */
export const bytesPerStandingFlow = 200 * 1024;

/** One direction of an exchange. */
export interface FlowState {
  /** The receiver takes no more for now. */
  stand(): void;
  /** It does again. */
  goOn(): void;
}

/**
 * The flows that stand still, the one that has for longest first. Each holds its buffers for as long as its receiver likes, and
 * ten thousand would be 2 GB (I9). So there is room for so many, and whoever has taken nothing for longest gives way.
 */
export class StandingFlows {
  readonly #most: number;
  readonly #cuts = new Set<() => void>();

  constructor(maxBytes: number) {
    this.#most = Math.max(1, Math.floor(maxBytes / bytesPerStandingFlow));
  }

  get count(): number {
    return this.#cuts.size;
  }

  /** What stands at the end of a flow stays in the buffers until the exchange is closed. */
  flowOf(exchange: Exchange): FlowState {
    let isWatched = false;
    const cut = (): void => {
      exchange.abort(
        new AppError('Overloaded', `more than ${this.#most} receivers take nothing of what is sent to them`),
      );
    };
    return {
      stand: () => {
        if (!isWatched) {
          isWatched = true;
          void exchange.closed.then(() => this.#cuts.delete(cut));
        }
        this.#cuts.add(cut);
        this.#giveWay();
      },
      goOn: () => {
        this.#cuts.delete(cut);
      },
    };
  }

  #giveWay(): void {
    const [longest] = this.#cuts;
    if (this.#cuts.size > this.#most && longest !== undefined) {
      this.#cuts.delete(longest);
      longest();
    }
  }
}
