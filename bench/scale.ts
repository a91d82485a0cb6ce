import { editToAnswer } from './scale/edit-to-answer.ts';
import type { Figure, Progress } from './figures.ts';

/** How fast and how far things go: an edit until it answers. */
export async function measureScale(progress: Progress): Promise<Figure[]> {
  return editToAnswer(progress);
}
