import type { Clock, Random } from '../clock.ts';
import { errorMessage, isAbortError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { KubeClient } from './client.ts';
import { withDeadline } from './deadline.ts';
import type { Lease } from './objects.ts';
import { leases } from './resources.ts';
import { ignoreNotFound, isConflict } from './status-error.ts';
import { microTime } from './time.ts';

export interface LeaderElectionOptions {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'update'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly namespace: string;
  readonly name: string;
  /** `POD_UUID`: two processes never share one. */
  readonly identity: string;
}

/** Wider than client-go's 15/10/2 s: the renewal shares its event loop with the parsing of long lists. */
const timing = {
  /** After the last sign of life another one leads, at the latest. */
  leaseMs: 30_000,
  /** The leader gives up when it could not renew for this long; shorter than the lease by more than one look of the others. */
  renewDeadlineMs: 20_000,
  retryMs: 4000,
};

/** Candidates do not look in step: in each round they wait for up to this many times `retryMs`. */
const longestLook = 1.2;

/** A server that hangs keeps nobody from ending; the others wait for the lease to run out then. */
const releaseMs = 5000;

/** Thrown by `lead` when the lease was lost: the process has to end, for its work may already be another's. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

/** The record as it was last seen, and when: only the local clock counts, so that clocks may differ. */
interface Observation {
  readonly record: string;
  readonly at: number;
}

/** One leader by a Lease, by client-go's rules. It is no fence: what the leader writes must be safe when two overlap. */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  #observed: Observation | undefined;
  /** When another's lease runs out unless it is renewed, by the local clock. */
  #freeAt = 0;
  /** When the request was sent that renewed our own lease last: others may count from then on. */
  #renewedAt = 0;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
  }

  /**
   * Waits for the lease, then runs `work` while renewing it, and gives it back at the end.
   * @throws LeadershipLostError when it could not be renewed in time
   */
  async lead(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    await this.#acquire(signal);
    this.#options.log.info('became leader', { identity: this.#options.identity });
    const stop = new AbortController();
    const working = work(AbortSignal.any([signal, stop.signal]));
    // Also while the work comes to its end: until then nobody else is to lead.
    const renewing = this.#renew(stop.signal);
    try {
      await Promise.race([working, renewing]);
    } finally {
      stop.abort(new LeadershipLostError('the lease was lost'));
    }
    await renewing;
    await this.#release();
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    while (!(await this.#attempt(signal))) {
      const retryMs = timing.retryMs * (1 + random() * (longestLook - 1));
      const leftMs = this.#freeAt - clock.monotonic();
      // The moment in which the lease runs out is known: nobody has to lead later than that.
      await clock.sleep(leftMs > 0 ? Math.min(retryMs, leftMs) : retryMs, signal);
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      try {
        await clock.sleep(timing.retryMs, signal);
      } catch (error) {
        if (isAbortError(error, signal)) {
          return;
        }
        throw error;
      }
      const leftMs = timing.renewDeadlineMs - (clock.monotonic() - this.#renewedAt);
      // None left: the process stood still, and another one may lead already.
      // A call that hangs leaves time for another one.
      const patienceMs = Math.min(leftMs, timing.renewDeadlineMs / 2);
      const isRenewed = leftMs > 0 && (await this.#attemptWithin(patienceMs, signal));
      if (!isRenewed && clock.monotonic() - this.#renewedAt >= timing.renewDeadlineMs) {
        throw new LeadershipLostError(`the lease could not be renewed for ${timing.renewDeadlineMs} ms`);
      }
    }
  }

  /** A server that does not answer must not keep the leader from noticing that its time is up. */
  async #attemptWithin(ms: number, signal: AbortSignal): Promise<boolean> {
    const { clock, log } = this.#options;
    try {
      return await withDeadline({ clock, ms, message: 'the renewal took too long' }, (late) =>
        this.#attempt(AbortSignal.any([signal, late])),
      );
    } catch (error) {
      log.debug('the lease could not be renewed', { error: errorMessage(error) });
      return false;
    }
  }

  /** @returns whether the lease is ours now. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#take(signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#options.log.debug('the lease could not be taken', { error: errorMessage(error) });
      return false;
    }
  }

  async #take(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name, identity, clock } = this.#options;
    const startedAt = clock.monotonic();
    const lease = await this.#read(signal);
    if (lease === undefined) {
      await client.create(leases, this.#makeLease(undefined), { fieldManager: identity, signal });
      this.#renewedAt = startedAt;
      return true;
    }
    const holder = lease.spec.holderIdentity ?? '';
    const record = JSON.stringify([holder, lease.spec.renewTime, lease.metadata.resourceVersion]);
    if (this.#observed?.record !== record) {
      this.#observed = { record, at: clock.monotonic() };
    }
    // Renewed one look before it was seen, at worst: so that nobody waits for longer than the lease.
    const waitMs = (lease.spec.leaseDurationSeconds ?? 0) * 1000 - timing.retryMs * longestLook;
    this.#freeAt = this.#observed.at + waitMs;
    if (holder !== '' && holder !== identity && clock.monotonic() < this.#freeAt) {
      return false;
    }
    const updated = { ...this.#makeLease(lease), metadata: { ...lease.metadata, namespace, name } };
    await client.update(leases, updated, { fieldManager: identity, signal });
    this.#renewedAt = startedAt;
    return true;
  }

  #read(signal: AbortSignal): Promise<Lease | undefined> {
    const { client, namespace, name } = this.#options;
    return client.get(leases, { namespace, name }, { signal }).catch(ignoreNotFound);
  }

  #makeLease(previous: Lease | undefined): Lease {
    const { namespace, name, identity, clock } = this.#options;
    const now = microTime(clock.now());
    const same = previous?.spec.holderIdentity === identity;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace, name },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(timing.leaseMs / 1000),
        acquireTime: same ? (previous.spec.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: (previous?.spec.leaseTransitions ?? 0) + (same || previous === undefined ? 0 : 1),
      },
    };
  }

  /** The next one need not wait for the lease to run out. */
  async #release(): Promise<void> {
    const { clock, log } = this.#options;
    try {
      await withDeadline({ clock, ms: releaseMs, message: 'it took too long' }, async (late) => {
        try {
          await this.#giveBack(late);
        } catch (error) {
          if (!isConflict(error)) {
            throw error;
          }
          // A renewal that was cut off has reached the server after all.
          await this.#giveBack(late);
        }
      });
    } catch (error) {
      log.warn('the lease could not be given back', { error: errorMessage(error) });
    }
  }

  async #giveBack(signal: AbortSignal): Promise<void> {
    const { client, identity } = this.#options;
    const lease = await this.#read(signal);
    if (lease?.spec.holderIdentity === identity) {
      const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 };
      await client.update(leases, { ...lease, spec }, { fieldManager: identity, signal });
    }
  }
}
