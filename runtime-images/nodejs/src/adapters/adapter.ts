import type { Signature } from '../config.ts';
import type { Invocation } from '../invocation.ts';

/** What the user's module exports, or registers, as its handler. */
export interface Exported {
  /** `index.mjs.default`, for messages. */
  readonly name: string;
  readonly value: unknown;
  /** What the module exports beside it, by name. */
  readonly siblings: ReadonlyMap<string, unknown>;
}

/** Answers one invocation. Resolves when the handler is done; a throw is answered with 500. */
export type Invoke = (invocation: Invocation) => Promise<void>;

/** A handler that can be called. */
export interface Served {
  readonly invoke: Invoke;
  /** Called once when the process ends as it was told to, with nothing running any more. */
  readonly close?: () => Promise<void>;
}

/** One way to write a handler. */
export interface Adapter {
  readonly signature: Signature;
  /**
   * Undefined when a handler of this kind cannot be made of it.
   *
   * @throws what the function's own preparation throws
   */
  adapt(exported: Exported): Served | undefined | Promise<Served | undefined>;
}

/** Which adapter gets what, and why, for the log. */
export interface Choice {
  readonly signature: Signature;
  readonly because: string;
  readonly exported: Exported;
}
