import { AsyncLocalStorage } from 'node:async_hooks';

/** What an invocation knows about itself; the second argument of a fetch-style handler. */
export interface InvocationContext {
  readonly requestId: string;
  readonly functionName: string;
  readonly namespace: string;
  readonly revision: string;
  /** Work that goes on after the answer; the replica does not end before it is done. */
  waitUntil(work: Promise<unknown>): void;
}

/** The invocation that the running code belongs to, for log lines. */
export const currentInvocation = new AsyncLocalStorage<InvocationContext>();
