import { util } from '../builtin.ts';
import { hasMethod } from '../members.ts';

// The shape of what systems call: any function may be it, and what it takes is its author's business.
export type AnyHandler = (...values: unknown[]) => unknown;

type Callback = (error: unknown, result?: unknown) => void;

/**
 * Calls a handler that answers by what it returns, or else, when it declares one parameter more than there are `values`, by
 * a callback `(error, result)`; by what comes first when it does both.
 */
export async function callHandler(handler: AnyHandler, values: readonly unknown[]): Promise<unknown> {
  if (handler.length <= values.length) {
    return handler(...values);
  }
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const callback: Callback = (error, result) => {
    if (error === undefined || error === null) {
      resolve(result);
    } else {
      reject(error instanceof Error ? error : new Error(typeof error === 'string' ? error : util.inspect(error)));
    }
  };
  const returned = handler(...values, callback);
  return isThenable(returned) ? Promise.race([returned, promise]) : promise;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return hasMethod(value, 'then');
}

export function isHandler(value: unknown): value is AnyHandler {
  return typeof value === 'function';
}
