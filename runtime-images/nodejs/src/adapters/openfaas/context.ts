/** What an OpenFaaS handler is told, and how it may answer. */
export interface OpenFaaSEvent {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly method: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly path: string;
}

/** How a handler ended: with a value, or with what it calls its failure. */
export type Outcome = { readonly succeeded: unknown } | { readonly failed: unknown };

/** Second argument of an OpenFaaS handler. `status` and `headers` without an argument give what was set. */
export class OpenFaaSContext {
  statusCode = 200;
  headerValues: object = {};
  readonly #tell: (outcome: Outcome) => void;

  constructor(tell: (outcome: Outcome) => void) {
    this.#tell = tell;
  }

  status(): number;
  status(code: number): this;
  status(code?: number): number | this {
    if (code === undefined) {
      return this.statusCode;
    }
    this.statusCode = code;
    return this;
  }

  headers(): object;
  headers(values: object): this;
  headers(values?: object): object {
    if (values === undefined) {
      return this.headerValues;
    }
    this.headerValues = values;
    return this;
  }

  succeed(value?: unknown): void {
    this.#tell({ succeeded: value });
  }

  fail(reason?: unknown): void {
    if (this.statusCode === 200) {
      this.statusCode = 500;
    }
    this.#tell({ failed: reason });
  }
}
