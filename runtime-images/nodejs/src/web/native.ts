/** Node's own classes of the Fetch standard. */
export interface NativeWeb {
  readonly Headers: typeof Headers;
  readonly Request: typeof Request;
  readonly Response: typeof Response;
}

/**
 * Reading one of Node's global `Request`, `Response` and `Headers`, even its property descriptor, loads 91 modules (undici,
 * http2, tls, crypto, zlib): measured 35 ms and 13 MB, more than all else between the start of a function and its first
 * answer. So they are read when something is asked that only they can do.
 */
export class NativeLoader {
  readonly #global: NativeWeb;
  readonly #onLoad: ((native: NativeWeb) => void)[] = [];
  #native: NativeWeb | undefined;

  constructor(global: NativeWeb) {
    this.#global = global;
  }

  /** Undefined until somebody needed them. */
  get loaded(): NativeWeb | undefined {
    return this.#native;
  }

  load(): NativeWeb {
    if (this.#native === undefined) {
      const { Headers, Request, Response } = this.#global;
      this.#native = { Headers, Request, Response };
      for (const callback of this.#onLoad) {
        callback(this.#native);
      }
    }
    return this.#native;
  }

  /** Calls `callback` once, when the classes are loaded. */
  whenLoaded(callback: (native: NativeWeb) => void): void {
    this.#onLoad.push(callback);
  }
}

/** Shared by the classes here, which user code constructs without arguments of ours. */
export const native = new NativeLoader(globalThis);
