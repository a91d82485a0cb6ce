/** How long a story that disturbs at random goes on, and what its chance begins with. */
export interface Chaos {
  readonly seconds: number;
  readonly seed: number;
}

/** `E2E_CHAOS_SECONDS`, 40 by default; `E2E_SEED`, which repeats a run, or one of its own. */
export function readChaos(): Chaos {
  const { E2E_CHAOS_SECONDS: seconds = '40', E2E_SEED: seed = String(Date.now() % 1_000_000) } = process.env;
  return { seconds: readNumber('E2E_CHAOS_SECONDS', seconds), seed: readNumber('E2E_SEED', seed) };
}

function readNumber(name: string, text: string): number {
  if (!/^[0-9]+$/u.test(text)) {
    throw new Error(`${name} is '${text}': expected a number`);
  }
  return Number(text);
}

/** @returns a function that says whether so many seconds are over */
export function elapsed(seconds: number): () => boolean {
  const endAt = performance.now() + seconds * 1000;
  return () => performance.now() >= endAt;
}
