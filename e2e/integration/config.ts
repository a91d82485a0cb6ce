export interface SimulationConfig {
  readonly runs: number;
  readonly seed: number;
  /** No further sequence begins after this long; undefined where the number of runs was asked for. */
  readonly longestMs: number | undefined;
}

/** `SIMULATION_RUNS` (100, or as many as begin within 15 s) and `SIMULATION_SEED` (another one each time). */
export function readSimulationConfig(env: NodeJS.ProcessEnv = process.env): SimulationConfig {
  const { SIMULATION_RUNS: runs, SIMULATION_SEED: seed } = env;
  return {
    runs: Number(runs ?? 100),
    seed: Number(seed ?? Date.now() % 2 ** 31),
    longestMs: runs === undefined ? 15_000 : undefined,
  };
}
