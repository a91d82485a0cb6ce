import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A field of a message of Kubernetes, by what its Go struct says: its protobuf form, and its JSON form. */
export interface MessageField {
  /** Empty where the fields of the message belong to the object around it. */
  readonly name: string;
  /** Zero and absent are the same: a value in Go, `omitempty` in JSON. */
  readonly dropsZero: boolean;
  readonly isRequired: boolean;
  readonly type: FieldType;
}

export type FieldType =
  | { readonly of: 'list' | 'map'; readonly values: FieldType }
  | { readonly of: 'message'; readonly message: string }
  | { readonly of: 'leaf'; readonly leaf: Leaf };

export type Leaf =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'time'
  | 'microTime'
  | 'quantity'
  | 'intOrString'
  /** JSON inside. */
  | 'raw'
  /** Of several forms; comes as JSON only. */
  | 'any';

export type Messages = ReadonlyMap<string, ReadonlyMap<number, MessageField>>;

let messages: Messages | undefined;

/** Every message that clients send, by name: `core.ConfigMap`. Read when the first of them is needed. */
export function knownMessages(): Messages {
  messages ??= new Map(
    readFileSync(join(import.meta.dirname, 'messages.txt'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [name = '', ...fields] = line.split(' ');
        return [name, new Map(fields.map(parseField))];
      }),
  );
  return messages;
}

/** `apps`, `Deployment` → `apps.Deployment`: a package is the first word of its group. */
export function messageName(group: string, kind: string): string {
  return `${group === '' ? 'core' : (group.split('.')[0] ?? '')}.${kind}`;
}

function parseField(text: string): [number, MessageField] {
  const [number = '', name = '', type = ''] = text.split(':');
  const field = {
    name: name.replace(/[!?]+$/u, ''),
    dropsZero: name.endsWith('?'),
    isRequired: name.includes('!'),
    type: parseType(type),
  };
  return [Number(number), field];
}

function parseType(text: string): FieldType {
  if (text.startsWith('[]') || text.startsWith('{}')) {
    return { of: text.startsWith('[]') ? 'list' : 'map', values: parseType(text.slice(2)) };
  }
  return text.includes('.') ? { of: 'message', message: text } : { of: 'leaf', leaf: text as Leaf };
}
