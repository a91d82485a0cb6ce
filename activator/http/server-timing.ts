import type { ColdStartPhases } from '../capacity.ts';

export type Phases = Readonly<Record<string, number>>;

/**
 * `queue`, `schedule`, `start`, `load`, `app` in milliseconds. The runtime tells how long it loaded the handler, which
 * is part of what was seen as its start; an image that does not tell has no `load`.
 */
export function makePhases(cold: ColdStartPhases, loadHeader: string | string[] | undefined, appMs: number): Phases {
  const told = Number([loadHeader].flat()[0]);
  if (!Number.isFinite(told) || told < 0) {
    return { queue: cold.queue, schedule: cold.schedule, start: cold.start, app: appMs };
  }
  const load = Math.min(told, cold.start);
  return { queue: cold.queue, schedule: cold.schedule, start: cold.start - load, load, app: appMs };
}

/** The header's value: `queue;dur=0.4, schedule;dur=12.1, …`. */
export function renderServerTiming(phases: Phases): string {
  return Object.entries(phases)
    .map(([name, ms]) => `${name};dur=${ms.toFixed(1)}`)
    .join(', ');
}
