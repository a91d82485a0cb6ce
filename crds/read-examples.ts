import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { KubeObject } from '../lib/kube/objects.ts';

/** An object of `crds/examples`. */
export interface Example {
  /** `scaling.yaml #3` */
  readonly place: string;
  readonly object: KubeObject;
  /** The comments above it: each field that is refused, and in which words. */
  readonly expected: readonly string[];
}

const folder = join(import.meta.dirname, 'examples');

export function readExamples(kind: 'valid' | 'invalid'): Example[] {
  return readdirSync(join(folder, kind)).flatMap((file) =>
    readFileSync(join(folder, kind, file), 'utf8')
      .split(/^---\n/mu)
      .map((text, index) => ({
        place: `${file} #${index + 1}`,
        object: load(text) as KubeObject,
        expected: [...text.matchAll(/^# (.*)$/gmu)].map(([, line = '']) => line),
      })),
  );
}
