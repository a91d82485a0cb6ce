import type { Random } from '../../lib/clock.ts';
import { makeHex } from './ids.ts';

/** W3C Trace Context: version, trace id, parent id, flags; an id of zeros only is none, and so is version ff. */
const pattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/u;
/** Version 00 has no more than this; later ones may. */
const length00 = 55;

export function isTraceparent(value: string): boolean {
  return pattern.test(value) && (!value.startsWith('00-') || value.length === length00);
}

/**
 * A new trace, marked as sampled: functions whose SDK follows its parent would otherwise never record anything, while
 * without a parent they record everything.
 */
export function makeTraceparent(random: Random): string {
  return `00-${makeHex(random, 4)}-${makeHex(random, 2)}-01`;
}
