import type { Figure, Progress } from './figures.ts';
import { editToAnswer } from './scale/edit-to-answer.ts';
import { initialSync } from './scale/initial-sync.ts';
import { manyFunctions } from './scale/many-functions.ts';
import { oneFunction } from './scale/one-function.ts';

/** What Flint costs by the number of functions, and how fast an edit runs, on the embedded cluster. */
export async function measureScale(progress: Progress): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const measure of [initialSync, manyFunctions, oneFunction, editToAnswer]) {
    figures.push(...(await measure(progress)));
  }
  return figures;
}
