import type { Declaration, ValueType } from './declaration.ts';
import type { Size } from './sizes.ts';

/** What is known of an expression without any value. */
export interface Estimate {
  /** Units of work at most; one is some 50 ns. */
  readonly cost: number;
  readonly type: ValueType;
  readonly size: Size;
  /** By the schema, of what stands in it. */
  readonly declaration?: Declaration;
}
