import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a Go type and its fields are for, in the words of Kubernetes. */
export interface TypeDocs {
  readonly type: string;
  /** By JSON name; fields that refer to another type have none. */
  readonly fields: ReadonlyMap<string, string>;
}

const none: TypeDocs = { type: '', fields: new Map() };

/** The declarations alone: loading the client costs 85 MB. */
const models = join(dirname(fileURLToPath(import.meta.resolve('@kubernetes/client-node'))), 'gen/models');

const typeComment = /^\/\*\*\n\* (?<text>.*)\n\*\/\nexport declare class /mu;
const fieldComment = /^ {4}\/\*\*\n {4}\* (?<text>.*)\n {4}\*\/\n {4}'(?<name>[^']+)'/gmu;

/**
 * Read from the declarations of the Kubernetes client, which carry the comments of the Go types.
 * @param struct as in `messages.txt`: `core.PodSpec`
 */
export function docsOf(struct: string): TypeDocs {
  const source = readDeclaration(struct);
  if (source === undefined) {
    return none;
  }
  const fields = [...source.matchAll(fieldComment)].map(({ groups }) => [
    groups?.['name'] ?? '',
    unescape(groups?.['text'] ?? ''),
  ]);
  return {
    type: unescape(typeComment.exec(source)?.groups?.['text'] ?? ''),
    fields: new Map(fields as [string, string][]),
  };
}

/** `core.PodSpec` is `V1PodSpec`; where two groups have a type of that name, `CoreV1Event`. */
function readDeclaration(struct: string): string | undefined {
  const [group = '', name = ''] = struct.split('.');
  const prefixed = `${group.charAt(0).toUpperCase()}${group.slice(1)}V1${name}`;
  for (const model of [prefixed, `V1${name}`]) {
    try {
      return readFileSync(join(models, `${model}.d.ts`), 'utf8');
    } catch {
      // The client has no model of this name: it is another, or newer than the client.
    }
  }
  return undefined;
}

function unescape(text: string): string {
  return text.replace(/\\(["'])/gu, '$1');
}
