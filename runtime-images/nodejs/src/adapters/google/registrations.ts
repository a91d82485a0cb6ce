import type { Signature } from '../../config.ts';
import { StartFailure } from '../../start-failure.ts';
import type { Choice } from '../adapter.ts';

/** The package whose name the runtime serves itself. */
export const frameworkPackage = '@google-cloud/functions-framework';

interface Registration {
  readonly signature: Signature;
  readonly handler: unknown;
}

/** Handlers that code gave a name by calling `http(name, handler)` or `cloudEvent(name, handler)`. */
export class Registrations {
  readonly #byName = new Map<string, Registration>();

  /** What `require('@google-cloud/functions-framework')` gives. */
  readonly moduleExports = {
    http: (name: string, handler: unknown): void => {
      this.#register(name, { signature: 'google-http', handler });
    },
    cloudEvent: (name: string, handler: unknown): void => {
      this.#register(name, { signature: 'cloudevent', handler });
    },
  };

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /**
   * The handler registered as `target`, or else the only one, or else the one named `function`, which is the framework's
   * default; undefined when nothing was registered.
   *
   * @throws StartFailure that lists the names
   */
  choose(target: string | undefined): Choice | undefined {
    if (this.#byName.size === 0) {
      return undefined;
    }
    const [only] = this.#byName.keys();
    const name = target ?? (this.#byName.size === 1 && only !== undefined ? only : 'function');
    const registration = this.#byName.get(name);
    if (registration === undefined) {
      const names = [...this.#byName.keys()].join(', ');
      throw new StartFailure(
        'HandlerNotFound',
        target === undefined
          ? `several functions are registered (${names}); FUNCTION_TARGET or spec.handler says which`
          : `no function is registered as '${target}'; there is: ${names}`,
      );
    }
    return {
      signature: registration.signature,
      because: `it is registered as '${name}' with ${frameworkPackage}`,
      exported: { name, value: registration.handler, siblings: new Map() },
    };
  }

  #register(name: string, registration: Registration): void {
    if (!/^[\w-]+$/u.test(name)) {
      throw new TypeError(`'${name}' is no name for a function: letters, digits, - and _ are`);
    }
    this.#byName.set(name, registration);
  }
}
