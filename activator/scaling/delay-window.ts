interface Entry {
  readonly at: number;
  readonly value: number;
}

/** The largest value of the last while. Holds only entries that may still become the largest. */
export class DelayWindow {
  #entries: Entry[] = [];

  /** Adds `value` and returns the maximum over the last `windowMs`, this moment included. */
  max(now: number, value: number, windowMs: number): number {
    // Older and not larger can never win again.
    const kept = this.#entries.filter((entry) => entry.at >= now - windowMs && entry.value > value);
    kept.push({ at: now, value });
    this.#entries = kept;
    return kept[0]?.value ?? value;
  }
}
