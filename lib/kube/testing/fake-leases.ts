import type { Lease } from '../objects.ts';
import { StatusError } from '../status-error.ts';

/** One Lease behind optimistic locking. */
export class FakeLeases {
  lease: Lease | undefined;
  #version = 0;
  /** `refuse`: every call fails. `hang`: none is ever answered. */
  mood: 'answer' | 'refuse' | 'hang' = 'answer';

  get = (_resource: unknown, _name: unknown, options?: { signal?: AbortSignal }): Promise<never> =>
    this.#answer(options?.signal, () => {
      if (this.lease === undefined) {
        throw new StatusError({ code: 404, reason: 'NotFound', message: 'no lease' });
      }
      return structuredClone(this.lease);
    });

  create = (_resource: unknown, lease: Lease, options?: { signal?: AbortSignal }): Promise<never> =>
    this.#answer(options?.signal, () => {
      if (this.lease !== undefined) {
        throw new StatusError({ code: 409, reason: 'AlreadyExists', message: 'it is there' });
      }
      return this.#store(lease);
    });

  update = (_resource: unknown, lease: Lease, options?: { signal?: AbortSignal }): Promise<never> =>
    this.#answer(options?.signal, () => {
      if (lease.metadata.resourceVersion !== this.lease?.metadata.resourceVersion) {
        throw new StatusError({ code: 409, reason: 'Conflict', message: 'changed meanwhile' });
      }
      return this.#store(lease);
    });

  #store(lease: Lease): Lease {
    this.#version += 1;
    this.lease = structuredClone({ ...lease, metadata: { ...lease.metadata, resourceVersion: String(this.#version) } });
    return this.lease;
  }

  #answer(signal: AbortSignal | undefined, answer: () => unknown): Promise<never> {
    if (this.mood === 'refuse') {
      return Promise.reject(new Error('connect ECONNREFUSED'));
    }
    if (this.mood === 'hang') {
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          reject(signal.reason as Error);
        });
      });
    }
    return Promise.resolve().then(answer) as Promise<never>;
  }
}
