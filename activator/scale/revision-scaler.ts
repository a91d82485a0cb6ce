import type { Clock } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/errors.ts';
import type { Logger } from '../../lib/log.ts';
import { wakeSize } from '../coldstart/wake-size.ts';
import type { Replica } from '../replicas/replica.ts';
import type { ReplicaPool } from '../replicas/replica-pool.ts';
import type { ScalingSettings } from '../routing/route.ts';
import type { RevisionAutoscaler } from '../scaling/revision-autoscaler.ts';
import type { DeletionCosts } from './deletion-cost.ts';
import type { ScaleOrder, ScaleWriter } from './scale-writer.ts';
import { chooseVictims, predictRemoval } from './victims.ts';

/**
 * What a Revision is to its Function. `serving`: traffic names it. `proving`: the newest one, whose replicas are the
 * operator's experiment and none of our business. `surplus`: neither. `unknown`: no route has come yet.
 */
export type RevisionRole = 'serving' | 'proving' | 'surplus' | 'unknown';

/** The Revision as its scaler sees it; read at every decision, since settings are live. */
export interface ScaledRevision {
  readonly role: RevisionRole;
  readonly scaling: ScalingSettings;
  readonly drainMs: number;
  readonly concurrencyLimit: number;
  /** Requests waiting for a replica of it. */
  readonly waiting: number;
}

export interface RevisionScalerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly pool: ReplicaPool;
  readonly autoscaler: RevisionAutoscaler;
  readonly writer: ScaleWriter;
  readonly deletionCosts: DeletionCosts;
  /** False until all Pods are known and while another activator owns the Revision: then nothing is written. */
  readonly mayScale: () => boolean;
  /** False once another activator gets the traffic: what looks idle here may be busy there. */
  readonly mayLower: () => boolean;
  readonly revision: () => ScaledRevision;
}

/** A Pod that was to go but is still there after this was spared by the ReplicaSet, which chose another. */
const sparedAfterMs = 5000;
/** The operator needs a moment to say that a Revision with new Pods is its latest. */
const surplusGraceMs = 10_000;

/**
 * Carries out how many replicas one Revision has. Up is one write. Down is a sequence for each victim: it takes no new
 * request, becomes idle, is marked as the one to remove, and only then the scale is lowered. Up to the last step it can
 * be called off.
 */
export class RevisionScaler {
  readonly #deps: RevisionScalerDeps;
  readonly #closed = new AbortController();
  #wokenAt: number | undefined;
  #surplusSince: number | undefined;
  /** What the load wanted at the last tick; 0 at rest. */
  #desired = 0;
  #isMarking = false;
  #lowering: ScaleOrder | undefined;

  constructor(deps: RevisionScalerDeps) {
    this.#deps = deps;
  }

  /** When the wake was decided that brought the present replicas; clock.monotonic. */
  get wokenAt(): number | undefined {
    return this.#wokenAt;
  }

  /** True while something may have to happen with time alone. */
  needsTick(): boolean {
    const { pool, autoscaler, writer } = this.#deps;
    const { role, scaling } = this.#deps.revision();
    if (autoscaler.level > 0 || pool.isProbing || pool.hasRetired || writer.isBusy) {
      return true;
    }
    const mayGoAway = (role === 'serving' && pool.size > scaling.minReplicas) || role === 'surplus';
    return mayGoAway && pool.size > 0;
  }

  /** Somebody waits: asks for replicas at once when there are none, and for more when more wait. */
  wake(): void {
    const { pool, autoscaler, clock } = this.#deps;
    const { waiting, scaling, concurrencyLimit } = this.#deps.revision();
    if (waiting === 0 || pool.inRotation.length > 0 || !this.#deps.mayScale()) {
      return;
    }
    const wanted = this.#noLess(wakeSize(waiting, scaling, concurrencyLimit));
    const from = this.#spec();
    if (wanted <= from) {
      return;
    }
    const now = clock.monotonic();
    if (from === 0) {
      this.#wokenAt = now;
      autoscaler.woken(now);
    }
    this.#deps.log.info('waking', { from, to: wanted, waiting });
    this.#raise(wanted, { isUrgent: true, stillWanted: () => autoscaler.level > 0 });
  }

  /** `minReplicas` holds without any traffic. */
  keepMinimum(): void {
    const { role, scaling } = this.#deps.revision();
    const from = this.#spec();
    if (role !== 'serving' || from >= scaling.minReplicas || !this.#deps.mayScale()) {
      return;
    }
    const to = this.#noLess(scaling.minReplicas);
    this.#deps.log.info('scaling up', { from, to, reason: 'minReplicas' });
    this.#raise(to, { isUrgent: false, stillWanted: () => this.#deps.revision().role === 'serving' });
  }

  /**
   * All at once it gets the load that `replicas` of another Revision had: as many are asked for, and held for a stable
   * window, until its own windows know.
   */
  takeOver(replicas: number): void {
    const { scaling } = this.#deps.revision();
    const from = this.#spec();
    const to = Math.min(replicas, scaling.maxReplicas);
    if (to <= from || !this.#deps.mayScale()) {
      return;
    }
    this.#deps.autoscaler.startBlind(this.#deps.clock.monotonic());
    this.#deps.log.info('scaling up', { from, to, reason: 'takes over' });
    this.#raise(to, { isUrgent: true, stillWanted: () => this.#deps.revision().role === 'serving' });
  }

  /** A request needs a place: replicas that were on their way out stay. @returns whether there were any. */
  callOff(): boolean {
    const draining = this.#draining();
    for (const replica of draining) {
      this.#deps.pool.restore(replica);
    }
    return draining.length > 0;
  }

  /** Once a second while {@link needsTick}. */
  tick(now: number): void {
    const { role, waiting } = this.#deps.revision();
    this.#callBackSpared(now);
    if (this.#lowering !== undefined && waiting > 0) {
      // I8: an API server that does not answer must not keep a warm replica from who waits.
      this.#deps.writer.abandon(this.#lowering);
    }
    this.#surplusSince = role === 'surplus' ? (this.#surplusSince ?? now) : undefined;
    if (this.#deps.mayScale()) {
      this.#scale(role, now);
    }
    if (role !== 'serving' || !this.needsTick()) {
      this.#desired = 0;
    }
  }

  #scale(role: RevisionRole, now: number): void {
    if (role === 'serving') {
      this.#scaleTo(this.#decide(now), now);
      // Repeats a wake whose Pods never came, once its write is too old to rely on.
      this.wake();
    } else if (this.#surplusSince !== undefined && now - this.#surplusSince >= surplusGraceMs) {
      this.#lower(0, now);
    }
  }

  close(): void {
    this.#closed.abort(new Error('the revision is no longer our business'));
    this.#deps.writer.close();
  }

  /** What the Deployment asks for, as far as can be known without reading it. */
  #spec(): number {
    return this.#deps.writer.asked() ?? this.#present().length;
  }

  /**
   * Pods that are lost look like a lower spec, while the Deployment asks for as many as before: what is raised is not raised
   * to less than the load wanted.
   */
  #noLess(replicas: number): number {
    return Math.max(replicas, Math.min(this.#desired, this.#deps.revision().scaling.maxReplicas));
  }

  #present(): readonly Replica[] {
    return [...this.#deps.pool.replicas].filter((replica) => replica.state !== 'retired');
  }

  #draining(): readonly Replica[] {
    return [...this.#deps.pool.replicas].filter((replica) => replica.drainingSince !== undefined);
  }

  #decide(now: number): number {
    const { pool, autoscaler } = this.#deps;
    const { scaling, concurrencyLimit } = this.#deps.revision();
    const replicas = Math.max(pool.serving, this.#spec());
    const desired = autoscaler.decide(now, { scaling, concurrencyLimit, replicas });
    // What the windows remember wakes nobody; a request does.
    return replicas === 0 && autoscaler.level === 0 ? scaling.minReplicas : desired;
  }

  #scaleTo(desired: number, now: number): void {
    this.#desired = desired;
    const from = this.#spec();
    const isCold = this.#deps.pool.inRotation.length === 0 && this.#deps.revision().waiting > 0;
    if (desired < from) {
      // While the first replica is still starting for somebody, what was asked for stays asked for.
      if (!isCold) {
        this.#lower(desired, now);
      }
      return;
    }
    this.#drainDownTo(desired, now);
    if (desired > from) {
      this.#deps.log.info('scaling up', { from, to: desired });
      this.#raise(desired, { isUrgent: false, stillWanted: () => this.#desired >= desired });
    }
  }

  #raise(replicas: number, order: Pick<ScaleOrder, 'isUrgent' | 'stillWanted'>): void {
    const { pool, writer } = this.#deps;
    writer.place({
      ...order,
      replicas,
      onWritten: () => {
        // Whoever was given up for a lower number and is still there counts again.
        for (const replica of pool.replicas) {
          pool.callBack(replica);
        }
      },
    });
  }

  #lower(desired: number, now: number): void {
    if (!this.#deps.mayLower()) {
      this.callOff();
      return;
    }
    this.#giveUpDrains(now);
    this.#drainDownTo(desired, now);
    const idle = this.#draining().filter((replica) => replica.inFlight === 0);
    const present = this.#present();
    const to = Math.max(desired, present.length - idle.length);
    const leaving = to === 0 ? idle : predictRemoval(present, idle, Math.max(0, present.length - to));
    if (to >= this.#spec() || this.#isLowering() || leaving === undefined) {
      return;
    }
    this.#deps.log.info(to === 0 ? 'scaling to zero' : 'scaling down', { from: this.#spec(), to });
    this.#exchange(idle, leaving);
    if (to === 0 || leaving.length === 0) {
      this.#placeLowering(leaving, to);
    } else {
      void this.#markAndLower(leaving, to);
    }
  }

  /** Those who will not go after all stay in service; those who will go in their place leave it. */
  #exchange(chosen: readonly Replica[], leaving: readonly Replica[]): void {
    for (const replica of leaving) {
      this.#deps.pool.drain(replica);
    }
    for (const replica of chosen.filter((one) => !leaving.includes(one))) {
      this.#deps.pool.restore(replica);
    }
  }

  #isLowering(): boolean {
    return this.#isMarking || (this.#lowering !== undefined && this.#deps.writer.has(this.#lowering));
  }

  /** As many on their way out as there are too many: lets more go, or the busiest of them stay. */
  #drainDownTo(desired: number, now: number): void {
    const { pool } = this.#deps;
    const excess = pool.serving - desired;
    for (const replica of chooseVictims(pool.replicas, excess, now)) {
      pool.drain(replica);
    }
    const kept = [...this.#draining()].sort((a, b) => b.inFlight - a.inFlight).slice(0, Math.max(0, -excess));
    for (const replica of kept) {
      pool.restore(replica);
    }
  }

  /**
   * I10: no request is cut for the sake of scaling down. A victim that does not become idle within the drain time goes
   * back to work, and another gets its turn. Nothing of a surplus Revision goes back to work; it just takes its time.
   */
  #giveUpDrains(now: number): void {
    const { role, drainMs } = this.#deps.revision();
    for (const replica of this.#draining()) {
      const drainedMs = now - (replica.drainingSince ?? now);
      if (role === 'serving' && replica.inFlight > 0 && drainedMs >= drainMs) {
        replica.spareUntil = now + drainMs;
        this.#deps.pool.restore(replica);
      }
    }
  }

  async #markAndLower(victims: readonly Replica[], to: number): Promise<void> {
    this.#isMarking = true;
    try {
      await this.#deps.deletionCosts.mark(
        victims.map((replica) => replica.pod),
        this.#closed.signal,
      );
      if (victims.every(isIdleVictim)) {
        this.#placeLowering(victims, to);
      }
    } catch (error) {
      // The next tick decides anew.
      this.#deps.log.warn('the pods to remove could not be marked', { error: errorMessage(error) });
    } finally {
      this.#isMarking = false;
    }
  }

  #placeLowering(victims: readonly Replica[], to: number): void {
    const { pool, writer } = this.#deps;
    this.#lowering = {
      replicas: to,
      isUrgent: false,
      stillWanted: () => this.#wouldLeave(victims, to),
      onSend: () => {
        for (const replica of victims) {
          pool.retire(replica);
        }
      },
      onFailed: () => {
        for (const replica of victims) {
          pool.callBack(replica);
        }
      },
    };
    writer.place(this.#lowering);
  }

  /** The last look: nobody came for the victims, and exactly they would go; to zero, nothing waits or runs either. */
  #wouldLeave(victims: readonly Replica[], to: number): boolean {
    const present = this.#present();
    if (
      !this.#deps.mayLower() ||
      !victims.every(isIdleVictim) ||
      present.length - victims.length !== Math.min(to, present.length)
    ) {
      return false;
    }
    if (to === 0) {
      return this.#deps.autoscaler.level === 0;
    }
    return predictRemoval(present, victims, victims.length)?.every((replica) => victims.includes(replica)) ?? false;
  }

  #callBackSpared(now: number): void {
    for (const replica of this.#deps.pool.replicas) {
      if (replica.state === 'retired' && now - replica.retiredAt >= sparedAfterMs) {
        this.#deps.pool.callBack(replica);
      }
    }
  }
}

function isIdleVictim(replica: Replica): boolean {
  return replica.drainingSince !== undefined && replica.inFlight === 0;
}
