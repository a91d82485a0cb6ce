const firstMs = 10_000;
const longestMs = 300_000;
/** A container that lived this long starts again as if it had never crashed. */
const resetAfterMs = 2 * longestMs;

/** What is remembered of a container's crashes; undefined before the first. */
export interface CrashMemory {
  /** The pause before the next restart. */
  readonly pauseMs: number;
  readonly crashedAt: number;
}

export interface RestartDecision {
  /** From the end of the last run. 0: at once. */
  readonly pauseMs: number;
  readonly memory: CrashMemory;
}

/** The kubelet's pauses between restarts: none, 10 s, 20 s, 40 s … 5 min; none again after 10 minutes without a crash. */
export function decideRestart(memory: CrashMemory | undefined, finishedAt: number): RestartDecision {
  if (memory === undefined || finishedAt - memory.crashedAt > resetAfterMs) {
    return { pauseMs: 0, memory: { pauseMs: firstMs, crashedAt: finishedAt } };
  }
  const next = Math.min(memory.pauseMs * 2, longestMs);
  return { pauseMs: memory.pauseMs, memory: { pauseMs: next, crashedAt: finishedAt } };
}

/** `10s`, `2m40s`, as Go prints durations. */
export function formatPause(ms: number): string {
  const [minutes, seconds] = [Math.floor(ms / 60_000), Math.floor((ms % 60_000) / 1000)];
  return minutes === 0 ? `${seconds}s` : `${minutes}m${seconds}s`;
}
