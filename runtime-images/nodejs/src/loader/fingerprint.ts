import type { Signature } from '../config.ts';

/** A file that tells which system the code was written for. */
export interface Fingerprint {
  readonly signature: Signature;
  readonly file: string;
}

interface Pattern {
  readonly file: RegExp;
  /** What its text must have; undefined: the name alone is enough. */
  readonly text?: RegExp;
  readonly signature: Signature;
}

/** In order: the first that is found decides. */
const patterns: readonly Pattern[] = [
  { file: /^func\.ya?ml$/u, signature: 'knative' },
  { file: /^(?:stack|openfaas)\.ya?ml$/u, text: /^\s*name:\s*openfaas\b/mu, signature: 'openfaas' },
  { file: /^template\.(?:ya?ml|json)$/u, text: /\bAWS::(?:Serverless|Lambda)::Function\b/u, signature: 'lambda' },
  // `provider: aws`, or a provider whose name is aws; the same file name serves for other clouds.
  {
    file: /^serverless\.(?:ya?ml|json)$/u,
    text: /["']?provider["']?:\s*(?:\{?\s*["']?name["']?:\s*)?["']?aws\b/u,
    signature: 'lambda',
  },
  { file: /^package\.json$/u, text: /"faas-js-runtime"\s*:/u, signature: 'knative' },
  { file: /^package\.json$/u, text: /"@google-cloud\/functions-framework"\s*:/u, signature: 'google-http' },
];

/**
 * @param files names at the top of the code
 * @param readText the content of one of them; called for few, and never when no name fits
 */
export function findFingerprint(files: readonly string[], readText: (file: string) => string): Fingerprint | undefined {
  for (const { file: name, text, signature } of patterns) {
    const file = files.find((candidate) => name.test(candidate));
    if (file !== undefined && (text === undefined || text.test(readText(file)))) {
      return { signature, file };
    }
  }
  return undefined;
}
