import type { Invocation } from '../invocation.ts';

/** What the user's module exports as its handler. */
export interface Exported {
  /** `index.mjs.default`, for messages. */
  readonly name: string;
  readonly value: unknown;
}

/** Answers one invocation. Resolves when the handler is done; a throw is answered with 500. */
export type Invoke = (invocation: Invocation) => Promise<void>;

/** One way to write a handler. */
export interface Adapter {
  readonly signature: string;
  /** Why this looks like a handler of this kind, for the log; undefined when it does not. */
  recognise(exported: Exported): string | undefined;
  /** Also called unrecognised, when the signature is set by hand; undefined when that is impossible. */
  adapt(exported: Exported): Invoke | undefined;
}
