import { isDeepStrictEqual } from 'node:util';
import type { Want } from './case.ts';
import type { Answer } from './exchange.ts';

/** What differs from what was wanted, one sentence each; none when all of it holds. */
export function differences(answer: Answer, want: Want): string[] {
  const text = answer.body.toString();
  return [
    ...endDifferences(answer, want),
    ...(want.status === undefined ? [] : unequal('status', answer.status, want.status)),
    ...fieldDifferences('header', answer.headers, want.headers),
    ...fieldDifferences('trailer', answer.trailers, want.trailers),
    ...interimDifferences(answer.interim, want.interim),
    ...(want.text === undefined ? [] : unequal('body', text, want.text)),
    ...(want.bytes === undefined ? [] : unequal('length of the body', answer.body.length, want.bytes)),
    ...(want.notText !== undefined && text.includes(want.notText) ? [`the body contains '${want.notText}'`] : []),
    ...(want.isReused === undefined ? [] : unequal('reuse of the connection', answer.isReused, want.isReused)),
    ...jsonDifferences(text, want),
  ];
}

function endDifferences({ end, taken }: Answer, want: Want): string[] {
  if (want.takesAtMost !== undefined) {
    const tooMany = taken > want.takesAtMost;
    return [
      ...unequal('end of the request', end, 'left'),
      ...(tooMany ? [`the connection took ${taken} bytes, more than ${want.takesAtMost}`] : []),
    ];
  }
  return end === 'left' ? [] : unequal('end of the answer', end, want.end ?? 'whole');
}

function fieldDifferences(what: string, got: NodeJS.Dict<string | string[]>, want: Want['headers'] = {}): string[] {
  return Object.entries(want).flatMap(([name, value]) => unequal(`${what} ${name}`, got[name] ?? null, value));
}

function interimDifferences(got: Answer['interim'], want: Want['interim']): string[] {
  if (want === undefined) {
    return [];
  }
  const statuses = (list: readonly { readonly status: number }[]): number[] => list.map(({ status }) => status);
  return [
    ...unequal('interim answers', statuses(got), statuses(want)),
    ...want.flatMap(({ headers }, index) => fieldDifferences('interim header', got[index]?.headers ?? {}, headers)),
  ];
}

function jsonDifferences(text: string, { json = {}, atMost = {} }: Want): string[] {
  if (Object.keys({ ...json, ...atMost }).length === 0) {
    return [];
  }
  let got: Readonly<Record<string, unknown>>;
  try {
    got = JSON.parse(text) as typeof got;
  } catch {
    return [`the body is no JSON: ${text.slice(0, 200)}`];
  }
  return [
    ...Object.entries(json).flatMap(([key, value]) => unequal(`body.${key}`, got[key], value)),
    ...Object.entries(atMost).flatMap(([key, most]) =>
      Number(got[key]) <= most ? [] : [`body.${key} is ${JSON.stringify(got[key])}, more than ${most}`],
    ),
  ];
}

function unequal(what: string, got: unknown, want: unknown): string[] {
  return isDeepStrictEqual(got, want) ? [] : [`${what} is ${JSON.stringify(got)}, not ${JSON.stringify(want)}`];
}
