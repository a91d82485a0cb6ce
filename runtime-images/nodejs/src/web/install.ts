import { vm } from '../builtin.ts';
import { LazyHeaders } from './headers.ts';
import type { NativeLoader, NativeWeb } from './native.ts';
import { LazyRequest } from './request.ts';
import { LazyResponse } from './response.ts';

type AnyClass = abstract new (...values: never[]) => object;
type FetchInput = Parameters<typeof fetch>[0];

/**
 * Makes `Request`, `Response` and `Headers` in user code mean the lazy classes, without loading Node's.
 *
 * The properties of the global object cannot be replaced: to define one anew V8 reads the old one, which loads it. A
 * variable declared by a script shadows it for every module, and leaves `globalThis.Response` to be Node's.
 */
export function installWebClasses(native: NativeLoader): void {
  native.whenLoaded(({ Headers, Request }) => {
    acceptAsInstance(Headers, LazyHeaders);
    acceptAsInstance(Request, LazyRequest);
  });
  const declare = vm.runInThisContext(
    'let Request, Response, Headers; (classes) => { ({ Request, Response, Headers } = classes); }',
  ) as (classes: Readonly<Record<keyof NativeWeb, AnyClass>>) => void;
  declare({
    Request: makeLazyClass(() => native.load().Request),
    Response: LazyResponse,
    Headers: makeLazyClass(() => native.load().Headers),
  });
  const fetchNatively = globalThis.fetch;
  globalThis.fetch = async function fetch(input: FetchInput, init?: RequestInit): Promise<Response> {
    return fetchNatively(toNative(input) as FetchInput, init);
  };
}

/** Stands for the class that `load` gives, which is called at the first use. */
function makeLazyClass(load: () => AnyClass): AnyClass {
  // A bound function is constructible and has no `prototype` of its own that the proxy would have to agree with.
  const lazy: AnyClass = new Proxy(Function.prototype.bind.call(Object, undefined) as AnyClass, {
    construct: (_target, values: unknown[], newTarget) =>
      Reflect.construct(load(), values.map(toNative), newTarget === lazy ? load() : newTarget) as object,
    get: (_target, name) => Reflect.get(load(), name) as unknown,
    set: (_target, name, value) => Reflect.set(load(), name, value),
    has: (_target, name) => Reflect.has(load(), name),
    getPrototypeOf: () => Reflect.getPrototypeOf(load()),
  });
  return lazy;
}

function toNative(value: unknown): unknown {
  return value instanceof LazyRequest ? value.toNative() : value;
}

function acceptAsInstance(nativeClass: AnyClass, lazyClass: AnyClass): void {
  Object.defineProperty(nativeClass, Symbol.hasInstance, {
    configurable: true,
    value: function (this: { readonly prototype?: unknown }, value: unknown): boolean {
      const isOwn = Function.prototype[Symbol.hasInstance].call(this, value);
      // Subclasses inherit this function, and nothing lazy is an instance of one.
      return isOwn || (this.prototype === nativeClass.prototype && value instanceof lazyClass);
    },
  });
}
