/** The names that Lambda's own runtime uses for the mark, which bundled helpers test for. */
const streamingMark = Symbol.for('aws.lambda.runtime.handler.streaming');
const streamingValue = 'response';

/** What a handler says about its answer before it writes any of it. */
export interface Prelude {
  readonly statusCode?: unknown;
  readonly headers?: unknown;
  readonly cookies?: unknown;
}

/** Of a response stream of this runtime: takes the prelude. */
export const takePrelude = Symbol('takePrelude');

/**
 * The global `awslambda` of Lambda's Node.js runtime: `streamifyResponse(handler)` marks a handler as
 * `(event, responseStream, context)`, `HttpResponseStream.from(responseStream, prelude)` sets status, headers and cookies.
 */
export function installAwsLambda(global: object): void {
  const value = {
    streamifyResponse: (handler: object): object => Object.assign(handler, { [streamingMark]: streamingValue }),
    HttpResponseStream: { from: setPrelude },
  };
  Object.defineProperty(global, 'awslambda', { value, configurable: true, writable: true });
}

function setPrelude(underlying: { [takePrelude]?: (prelude: Prelude) => void }, prelude: Prelude): object {
  underlying[takePrelude]?.(prelude);
  return underlying;
}

export function isStreaming(handler: unknown): boolean {
  return (
    typeof handler === 'function' &&
    (handler as { readonly [streamingMark]?: unknown })[streamingMark] === streamingValue
  );
}
