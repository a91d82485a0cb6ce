import { createHash } from 'node:crypto';
import type { ConfigMapData } from '../../../lib/kube/objects.ts';

/** What a Revision says about its code: enough to tell one content from another, without the bytes. */
export interface CodeDigest {
  /** Over names, lengths and bytes of the files in order of their names; in hex. */
  readonly sha256: string;
  /** Names, sorted. */
  readonly files: readonly string[];
}

/** A file counts by its bytes, whether the ConfigMap keeps it as text or, as kubectl does with what is not UTF-8, in base64. */
export function digestCode({ data = {}, binaryData = {} }: ConfigMapData): CodeDigest {
  const files = [...Object.keys(data), ...Object.keys(binaryData)].sort();
  const hash = createHash('sha256');
  for (const name of files) {
    const bytes = Buffer.from(data[name] ?? binaryData[name] ?? '', data[name] === undefined ? 'base64' : 'utf8');
    // Lengths and NULs, which no key holds, keep `a` + `bc` apart from `ab` + `c`.
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return { sha256: hash.digest('hex'), files };
}
