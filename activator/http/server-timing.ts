import type { ColdStartPhases } from '../capacity.ts';

/** Milliseconds by phase, in the order in which they passed; together they are the time to the first byte. */
export type Phases = Readonly<Record<string, number>>;

export interface PhaseInput {
  readonly coldStart: ColdStartPhases;
  /** What the runtime says it took to load the handler; undefined when it says nothing, as images of users do. */
  readonly loadMs: number | undefined;
  /** From the lease to the head of the answer. */
  readonly appMs: number;
}

/** `start` is what is left of it without `load`: the runtime listens only when the handler is loaded. */
export function makeServerPhases({ coldStart, loadMs = 0, appMs }: PhaseInput): Phases {
  const load = Math.min(Math.max(loadMs, 0), coldStart.start);
  const { queue, schedule, start } = coldStart;
  const exact = { queue, schedule, start: start - load, load, app: appMs };
  return Object.fromEntries(Object.entries(exact).map(([name, ms]) => [name, Math.round(ms * 10) / 10]));
}

/** `queue;dur=1.2, schedule;dur=20, …` (W3C Server Timing). */
export function renderServerTiming(phases: Phases): string {
  return Object.entries(phases)
    .map(([name, ms]) => `${name};dur=${ms}`)
    .join(', ');
}

/** Undefined for what is no number of milliseconds. */
export function tryParseLoadMs(value: string | undefined): number | undefined {
  const ms = value === undefined || value === '' ? NaN : Number(value);
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}
