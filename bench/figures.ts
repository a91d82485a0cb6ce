import { alignColumns } from '../lib/text-table.ts';

/** One measured figure, as it is printed and committed. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Lowest and highest of the rounds. */
  readonly spread: readonly [number, number];
  /** The same thing without Flint, measured in the same run on the same machine. */
  readonly reference: { readonly name: string; readonly value: number } | null;
  readonly goal: Goal | null;
  readonly met: boolean | null;
}

/** Tells the person at the terminal what is being measured. */
export type Progress = (line: string) => void;

interface Goal {
  readonly atMost: number;
}

export interface Report {
  readonly bench: string;
  readonly figures: readonly Figure[];
  readonly versions: Readonly<Record<string, string>>;
  /** Load average over the last minute, before the first round and after the last: what else kept the machine busy. */
  readonly load: readonly [number, number];
}

export interface FigureInput {
  readonly name: string;
  readonly unit: string;
  /** One number a round, or what a quantile is taken of. */
  readonly samples: readonly number[];
  /** 0.5 by default: the median. */
  readonly quantile?: number;
  readonly reference?: { readonly name: string; readonly samples: readonly number[] };
  readonly goal?: Goal;
}

export function makeFigure(input: FigureInput): Figure {
  const value = round(quantile(input.samples, input.quantile ?? 0.5));
  const goal = input.goal ?? null;
  return {
    name: input.name,
    value,
    unit: input.unit,
    spread: [round(Math.min(...input.samples)), round(Math.max(...input.samples))],
    reference:
      input.reference === undefined
        ? null
        : { name: input.reference.name, value: round(quantile(input.reference.samples, input.quantile ?? 0.5)) },
    goal,
    met: goal === null ? null : value <= goal.atMost,
  };
}

/**
 * The smallest sample that at least `q` of all samples do not exceed (nearest rank), so that every figure is one that
 * was measured. @throws RangeError without samples.
 */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
  if (value === undefined) {
    throw new RangeError('a quantile needs at least one sample');
  }
  return value;
}

/** A table for people: name, value, spread, reference with the ratio to it, goal. */
export function renderTable(report: Report): string {
  const rows = report.figures.map((figure) => [
    figure.name,
    `${figure.value} ${figure.unit}`,
    `${figure.spread[0]}–${figure.spread[1]}`,
    figure.reference === null
      ? ''
      : `${figure.reference.name} ${figure.reference.value} (${round(figure.value / figure.reference.value)}x)`,
    figure.goal === null ? '' : `<= ${figure.goal.atMost}`,
    figure.met === null ? '' : figure.met ? 'met' : 'MISSED',
  ]);
  return alignColumns([['figure', 'value', 'spread', 'reference', 'goal', ''], ...rows]);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
