import type { ColdStartPhases, Lease, ReplicaAddress } from '../capacity.ts';

export interface LeaseFields {
  readonly replica: ReplicaAddress;
  readonly revisionName: string;
  readonly coldStart: ColdStartPhases | undefined;
  /** Called once. `refusal` is set when no connection came about. */
  readonly onEnd: (refusal?: { readonly error: unknown }) => void;
}

export class ReplicaLease implements Lease {
  readonly replica: ReplicaAddress;
  readonly revisionName: string;
  readonly coldStart: ColdStartPhases | undefined;
  #onEnd: LeaseFields['onEnd'] | undefined;

  constructor(fields: LeaseFields) {
    this.replica = fields.replica;
    this.revisionName = fields.revisionName;
    this.coldStart = fields.coldStart;
    this.#onEnd = fields.onEnd;
  }

  release(): void {
    this.#end();
  }

  fail(error: unknown): void {
    this.#end({ error });
  }

  #end(refusal?: { readonly error: unknown }): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.(refusal);
  }
}

const timeoutCodes: ReadonlySet<string> = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * True when the error says that nobody listens there. A connect that timed out is overload: the replica's backlog is
 * full or its network slow, and taking it away would only push its load onto the others.
 */
export function isRefusal(error: unknown): boolean {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return !(typeof code === 'string' && timeoutCodes.has(code));
}
