import { inject, it } from 'vitest';
import type { Target } from './target.ts';

/** What the stories of this run are told against; undefined where there is none. */
export const currentTarget = inject('target') as Target | undefined;

/** Why there is none. */
export const unavailable = inject('unavailable') as string | undefined;

/** A story that needs a real kubelet, scheduler or network. */
export const clusterIt = it.runIf(currentTarget !== undefined && currentTarget.kind !== 'local');

/** A story that disturbs nodes or the release: those of the bed are our own. */
export const bedIt = it.runIf(currentTarget?.kind === 'bed');

/** A story of a Flint of its own, which needs no other: told once, with those of the embedded cluster. */
export const localIt = it.runIf(currentTarget?.kind === 'local');
