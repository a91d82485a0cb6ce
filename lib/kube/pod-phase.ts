import type { Pod } from './objects.ts';

/** Nothing of it runs, or will run again; its object may stay for long. */
export function isFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
