/**
 * Gateway API durations (GEP-2257): one to four groups of up to five digits and a unit, largest unit first by custom
 * but not by rule: `500ms`, `30s`, `5m`, `1h30m`.
 */
export const durationPattern = '^([0-9]{1,5}(h|m|s|ms)){1,4}$';

const wholeDuration = new RegExp(durationPattern, 'u');
const group = /([0-9]{1,5})(ms|h|m|s)/gu;
const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** The duration in milliseconds, or undefined when `text` is none. */
export function tryParseDurationMs(text: string): number | undefined {
  if (!wholeDuration.test(text)) {
    return undefined;
  }
  let total = 0;
  for (const [, digits = '0', unit = 'ms'] of text.matchAll(group)) {
    total += Number(digits) * (unitMs[unit] ?? 0);
  }
  return total;
}

/** @throws Error when `text` is no duration; objects from the API server never make it throw, their schema has the pattern. */
export function parseDurationMs(text: string): number {
  const ms = tryParseDurationMs(text);
  if (ms === undefined) {
    throw new Error(`'${text}' is not a duration such as 500ms, 30s or 1h30m`);
  }
  return ms;
}
