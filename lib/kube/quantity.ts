/** Suffixes of a Kubernetes quantity and what they multiply by. */
const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const pattern = /^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:[eE]([+-]?[0-9]+)|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?)$/u;

/** A quantity (`64Mi`, `50m`, `1e3`, `0.5`) as a number of its base unit: bytes, cores, pieces. Undefined when it is none. */
export function tryParseQuantity(text: string | number): number | undefined {
  if (typeof text === 'number') {
    return text;
  }
  const [, digits, exponent, suffix = ''] = pattern.exec(text) ?? [];
  if (digits === undefined) {
    return undefined;
  }
  return exponent === undefined ? Number(digits) * (factors[suffix] ?? 1) : Number(`${digits}e${exponent}`);
}

/** @throws Error when `text` is no quantity; the API server has checked those in its objects. */
export function parseQuantity(text: string | number): number {
  const value = tryParseQuantity(text);
  if (value === undefined) {
    throw new Error(`'${text}' is not a quantity such as 64Mi, 50m or 1.5`);
  }
  return value;
}
