import type { Config } from '../config.ts';
import { StartFailure } from '../start-failure.ts';
import type { Adapter, Exported, Invoke } from './adapter.ts';
import { fetchAdapter } from './fetch.ts';
import { nodeHttpAdapter } from './node-http.ts';

/** In order of detection: the first that recognises a handler gets it. `fetch` takes every function, so it is last. */
const adapters: readonly Adapter[] = [nodeHttpAdapter, fetchAdapter];

export interface Adapted {
  readonly signature: string;
  /** Why it was chosen, for the log. */
  readonly because: string;
  readonly invoke: Invoke;
}

/** @throws StartFailure when nothing can call what the module exports */
export function adapt(exported: Exported, signature: Config['signature']): Adapted {
  for (const adapter of adapters) {
    const because = signature === 'auto' ? adapter.recognise(exported) : 'FLINT_SIGNATURE says so';
    if (because === undefined || (signature !== 'auto' && signature !== adapter.signature)) {
      continue;
    }
    const invoke = adapter.adapt(exported);
    if (invoke !== undefined) {
      return { signature: adapter.signature, because, invoke };
    }
  }
  throw new StartFailure('HandlerNotFound', describe(exported));
}

function describe({ name, value }: Exported): string {
  const what = typeof value === 'object' ? 'an object without a method fetch' : `a value of type ${typeof value}`;
  return `${name} is ${what}; a handler is a function, or an object with a method fetch`;
}
