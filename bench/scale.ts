import type { Figure, Progress } from './figures.ts';
import { manyFunctions } from './scale/many-functions.ts';
import { oneFunction } from './scale/one-function.ts';

/** What Flint costs by the number of functions, on the embedded cluster. */
export async function measureScale(progress: Progress): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const measure of [manyFunctions, oneFunction]) {
    figures.push(...(await measure(progress)));
  }
  return figures;
}
