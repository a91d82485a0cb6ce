import { exitCodes, ExitError } from './exit.ts';
import type { LoadedHandler } from './loader.ts';
import { type Invoke, fetchHandler, type FetchFunction } from './handlers/fetch.ts';
import { nodeHandler, type NodeFunction } from './handlers/node.ts';

export interface DetectedHandler {
  readonly signature: 'fetch' | 'node';
  readonly invoke: Invoke;
}

/**
 * Which of the known signatures the exported value has. First match wins: an object with `fetch`; a function whose
 * parameters are named like those of a Node server, `(req, res)`; any other function is fetch-style.
 * @throws ExitError when it is neither function nor object with `fetch`
 */
export function detectHandler({ value, name }: LoadedHandler): DetectedHandler {
  if (typeof value === 'object' && value !== null && 'fetch' in value && typeof value.fetch === 'function') {
    return { signature: 'fetch', invoke: fetchHandler(value.fetch.bind(value) as FetchFunction) };
  }
  if (typeof value !== 'function') {
    throw new ExitError(
      exitCodes.handlerNotFound,
      'HandlerNotFound',
      `${name} is ${value === null ? 'null' : typeof value}, not a function nor an object with a fetch method`,
    );
  }
  return takesNodeResponse(value as NodeFunction)
    ? { signature: 'node', invoke: nodeHandler(value as NodeFunction) }
    : { signature: 'fetch', invoke: fetchHandler(value as FetchFunction) };
}

const nodeParameters = /^(?:async\s+)?(?:function\b[^(]*)?\(\s*_?re?q\w*\s*,\s*_?res\w*/u;

/** Arity cannot tell `(request, context)` from `(req, res)`; the name of the second parameter does. */
function takesNodeResponse(handler: NodeFunction): boolean {
  return handler.length >= 2 && nodeParameters.test(Function.prototype.toString.call(handler));
}
