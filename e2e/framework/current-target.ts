import { inject, it } from 'vitest';
import type { Target } from './target.ts';

/** A benchmark uses the steps of stories too, and brings its own target; outside of vitest nothing is provided. */
const isStory = process.env['VITEST'] !== undefined;

/** What the stories of this run are told against; undefined where there is none. */
export const currentTarget = isStory ? (inject('target') as Target | undefined) : undefined;

/** Why there is none. */
export const unavailable = isStory ? (inject('unavailable') as string | undefined) : undefined;

/** A story that needs a real kubelet, scheduler or network. */
export const clusterIt = it.runIf(currentTarget !== undefined && currentTarget.kind !== 'local');

/** A story that disturbs nodes or the release: those of the bed are our own. */
export const bedIt = it.runIf(currentTarget?.kind === 'bed');

/** A story of a Flint of its own, which needs no other: told once, with those of the embedded cluster. */
export const localIt = it.runIf(currentTarget?.kind === 'local');
