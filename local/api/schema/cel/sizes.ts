/**
 * How large a value can be: characters, items or entries, as CEL's `size()` counts. Costs are numbers of the same kind, of
 * which only the largest counts. Unknown is Infinity: a real server takes 2⁶⁴ - 1, which exceeds every limit as well.
 */
export interface Size {
  readonly min: number;
  readonly max: number;
}

export const unknownSize: Size = { min: 0, max: Infinity };

export function exactly(size: number): Size {
  return { min: size, max: size };
}

export function add(a: Size, b: Size): Size {
  return { min: a.min + b.min, max: a.max + b.max };
}

export function either(a: Size, b: Size): Size {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}

/** Nothing of something endless costs nothing. */
export function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

/** What it costs to go through a text once: a tenth of its length. */
export function traversal(size: Size, passes = 1): number {
  return Math.ceil(times(size.max, passes / 10));
}
