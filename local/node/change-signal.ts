/** Wakes all who wait for the next change, once. Who takes `next` before it looks at what may change misses none. */
export class ChangeSignal {
  #next = Promise.withResolvers<void>();

  get next(): Promise<void> {
    return this.#next.promise;
  }

  notify(): void {
    const { resolve } = this.#next;
    this.#next = Promise.withResolvers();
    resolve();
  }
}
