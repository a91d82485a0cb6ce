import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A field of a protobuf message of Kubernetes, by what its Go struct says. */
export interface MessageField {
  /** Empty where the fields of the message belong to the object around it. */
  readonly name: string;
  /** Zero and absent are the same: a value in Go, `omitempty` in JSON. */
  readonly dropsZero: boolean;
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
  | 'int'
  | 'time'
  | 'microTime'
  | 'quantity'
  | 'intOrString'
  /** JSON inside. */
  | 'raw';

export type Messages = ReadonlyMap<string, ReadonlyMap<number, MessageField>>;

let messages: Messages | undefined;

/** Every message that clients send, by name: `core.ConfigMap`. Read when the first of them comes. */
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

function parseField(text: string): [number, MessageField] {
  const [number = '', name = '', type = ''] = text.split(':');
  return [Number(number), { name: name.replace('?', ''), dropsZero: name.endsWith('?'), type: parseType(type) }];
}

function parseType(text: string): FieldType {
  if (text.startsWith('[]') || text.startsWith('{}')) {
    return { of: text.startsWith('[]') ? 'list' : 'map', values: parseType(text.slice(2)) };
  }
  return text.includes('.') ? { of: 'message', message: text } : { of: 'leaf', leaf: text as Leaf };
}
