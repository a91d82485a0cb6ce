import type { ColdStartPhases } from '../capacity.ts';

/** Moments of one request's wait, in milliseconds of the same clock. */
export interface WaitMoments {
  readonly arrivedAt: number;
  /** The wake that led to the replica was decided; undefined when the replica was on its way already. */
  readonly wokenAt: number | undefined;
  /** The replica's Pod had an address. */
  readonly addressAt: number;
  /** The replica answered for the first time. */
  readonly usableAt: number;
  readonly leasedAt: number;
}

/**
 * Divides the wait, so that the phases add up to it exactly. What happened before the request came is no part of its
 * wait; after the replica answered, the request waited for its turn, which is queueing again.
 */
export function makePhases(moments: WaitMoments): ColdStartPhases {
  const { arrivedAt, leasedAt } = moments;
  const within = (at: number, earliest: number): number => Math.min(Math.max(at, earliest), leasedAt);
  const wokenAt = within(moments.wokenAt ?? arrivedAt, arrivedAt);
  const addressAt = within(moments.addressAt, wokenAt);
  const usableAt = within(moments.usableAt, addressAt);
  return {
    queue: wokenAt - arrivedAt + (leasedAt - usableAt),
    schedule: addressAt - wokenAt,
    start: usableAt - addressAt,
  };
}
