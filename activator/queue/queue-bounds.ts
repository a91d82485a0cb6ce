import { AppError } from '../errors.ts';

/** How much may wait. */
export interface QueueBounds {
  readonly maxRequests: number;
  readonly maxBytes: number;
}

/** How much does wait, of one function or of all. */
export class QueueUse {
  #requests = 0;
  #bytes = 0;

  get requests(): number {
    return this.#requests;
  }

  get bytes(): number {
    return this.#bytes;
  }

  fits(bytes: number, bounds: QueueBounds): boolean {
    return this.#requests < bounds.maxRequests && this.#bytes + bytes <= bounds.maxBytes;
  }

  add(bytes: number): void {
    this.#requests++;
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#requests--;
    this.#bytes -= bytes;
  }
}

/** One place in the queue of a function, and one in the activator's. */
export interface Admission {
  readonly own: QueueUse;
  readonly ownBounds: QueueBounds;
  readonly all: QueueUse;
  readonly allBounds: QueueBounds;
}

/**
 * The function's own bound is told first: it is the one its owner can change.
 * @throws AppError QueueFull or Overloaded; then nothing was taken.
 */
export function admit(bytes: number, admission: Admission): void {
  const { own, ownBounds, all, allBounds } = admission;
  if (!own.fits(bytes, ownBounds)) {
    throw new AppError(
      'QueueFull',
      `${own.requests} requests with ${own.bytes} bytes wait for a replica; the function allows ${ownBounds.maxRequests} with ${ownBounds.maxBytes} bytes`,
      { retryAfterSeconds: 1 },
    );
  }
  if (!all.fits(bytes, allBounds)) {
    throw new AppError('Overloaded', 'too many requests of all functions wait for replicas', { retryAfterSeconds: 1 });
  }
  own.add(bytes);
  all.add(bytes);
}

/** Gives both places back. */
export function leave(bytes: number, admission: Pick<Admission, 'own' | 'all'>): void {
  admission.own.remove(bytes);
  admission.all.remove(bytes);
}
