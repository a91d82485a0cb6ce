import { AppError } from '../errors.ts';
import type { Layer } from './exchange.ts';

export interface AdmissionDeps {
  /** Requests that were accepted and are not over, this one included. */
  readonly inFlight: () => number;
  readonly maxInFlight: number;
}

/** The activator's own bound. It stands before anything that costs memory for long. */
export function makeAdmissionLayer({ inFlight, maxInFlight }: AdmissionDeps): Layer {
  return (next) => async (exchange) => {
    if (inFlight() > maxInFlight) {
      throw new AppError('Overloaded', `this activator serves ${maxInFlight} requests at once, and no more`);
    }
    await next(exchange);
  };
}
