import type { ScalingSettings } from '../routing/route.ts';
import { DelayWindow } from './delay-window.ts';
import { clampReplicas, decideReplicas, type Panic } from './desired-replicas.ts';
import { LoadWindow } from './load-window.ts';

export interface AutoscalerInput {
  readonly scaling: ScalingSettings;
  readonly concurrencyLimit: number;
  /** Replicas that serve or are starting to. */
  readonly replicas: number;
}

/** What one Revision remembers of its load, and the number of replicas that follows. Every method is told the time. */
export class RevisionAutoscaler {
  #load: LoadWindow;
  #panic: Panic | undefined;
  readonly #delay = new DelayWindow();
  #lastActiveAt: number;
  /** For one stable window from then on, the present number of replicas is a lower bound. */
  #blindSince = -Infinity;
  /** For one stable window from then on, `activationReplicas` is a lower bound. */
  #wokenAt = -Infinity;

  constructor(now: number, scaling: ScalingSettings) {
    this.#load = new LoadWindow(now, longestWindow(scaling));
    this.#lastActiveAt = now;
  }

  /** Requests waiting or running. */
  get level(): number {
    return this.#load.level;
  }

  /** The replicas found at start may carry load that nobody here has seen. */
  startBlind(now: number): void {
    this.#blindSince = now;
  }

  /** It is being woken from zero. */
  woken(now: number): void {
    this.#wokenAt = now;
  }

  arrived(now: number): void {
    this.#load.arrive(now);
  }

  started(now: number): void {
    this.#load.change(now, 1);
    this.#lastActiveAt = now;
  }

  ended(now: number): void {
    this.#load.change(now, -1);
    this.#lastActiveAt = now;
  }

  /** Milliseconds without any request waiting or running. */
  idleMs(now: number): number {
    return this.level > 0 ? 0 : now - this.#lastActiveAt;
  }

  /** The number of replicas this Revision should have from now on. */
  decide(now: number, input: AutoscalerInput): number {
    const { scaling } = input;
    if (this.#load.longestMs < longestWindow(scaling)) {
      this.#load = this.#load.resized(now, longestWindow(scaling));
    }
    const decision = decideReplicas(
      {
        ...input,
        nowMs: now,
        stable: this.#average(now, scaling, scaling.windowMs),
        panic: this.#average(now, scaling, scaling.panicWindowMs),
        level: this.level,
        idleMs: this.idleMs(now),
      },
      this.#panic,
    );
    this.#panic = decision.panic;
    return this.#bounded(now, input, decision.replicas);
  }

  /** scaleDownDelay, then what is not known or was promised, then the bounds that the user set. */
  #bounded(now: number, input: AutoscalerInput, wanted: number): number {
    const { scaling } = input;
    const delayed = scaling.scaleDownDelayMs > 0 ? this.#delay.max(now, wanted, scaling.scaleDownDelayMs) : wanted;
    const promised = wanted > 0 && now - this.#wokenAt < scaling.windowMs ? scaling.activationReplicas : 0;
    const unseen = now - this.#blindSince < scaling.windowMs ? input.replicas : 0;
    return clampReplicas(Math.max(delayed, promised, unseen), scaling);
  }

  #average(now: number, scaling: ScalingSettings, windowMs: number): number {
    return scaling.metric === 'RequestRate'
      ? this.#load.requestRate(now, windowMs)
      : this.#load.concurrency(now, windowMs);
  }
}

function longestWindow(scaling: ScalingSettings): number {
  return Math.max(scaling.windowMs, scaling.panicWindowMs);
}
