import type { JsonObject } from '../fields/structure.ts';
import { refuse } from '../status.ts';
import { type FieldType, knownMessages, type Leaf, type MessageField, messageName } from './messages.ts';
import { readFields, WireError, type WireField } from './wire.ts';

export const protobufType = 'application/vnd.kubernetes.protobuf';

/** What begins a body: https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding */
const magic = Buffer.from('k8s\0');

/**
 * The object that a typed client sent, as the JSON it stands for. `kubectl create`, `auth` and `drain` send protobuf whatever the
 * server prefers: client-go falls back to JSON from CBOR only.
 * @throws StatusError BadRequest, UnsupportedMediaType for kinds and fields that are not known here
 */
export function decodeProtobuf(body: Buffer): JsonObject {
  if (!body.subarray(0, magic.length).equals(magic)) {
    throw refuse('BadRequest', 'the body is no protobuf of Kubernetes: it does not begin with k8s\\0');
  }
  try {
    const envelope = bytesByNumber(body.subarray(magic.length));
    const typeMeta = bytesByNumber(envelope.get(1) ?? new Uint8Array());
    const [apiVersion, kind] = [textOf(typeMeta.get(1)), textOf(typeMeta.get(2))];
    return { apiVersion, kind, ...decodeMessage(envelope.get(2) ?? new Uint8Array(), messageOf(apiVersion, kind)) };
  } catch (error) {
    throw error instanceof WireError ? refuse('BadRequest', `the protobuf body is broken: ${error.message}`) : error;
  }
}

function bytesByNumber(bytes: Uint8Array): Map<number, Uint8Array> {
  return new Map(readFields(bytes).map(({ number, value }) => [number, bytesOf(value)]));
}

function messageOf(apiVersion: string, kind: string): string {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  return kind === 'DeleteOptions' ? 'meta.DeleteOptions' : messageName(group, kind);
}

function decodeMessage(bytes: Uint8Array, message: string): JsonObject {
  const fields = knownMessages().get(message);
  if (fields === undefined) {
    throw unknown(`kind ${message}`);
  }
  const result: JsonObject = {};
  for (const wire of readFields(bytes)) {
    const field = fields.get(wire.number);
    if (field === undefined) {
      throw unknown(`field ${wire.number} of ${message}`);
    }
    place(result, field, wire);
  }
  return result;
}

/** Dropping it would be a wrong success. */
function unknown(what: string): Error {
  return refuse(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - this server does not know the protobuf form of ${what}; ` +
      'use application/json (kubectl create: add --dry-run=client -o yaml and pipe it to kubectl apply -f -)',
  );
}

function place(result: JsonObject, { name, dropsZero, type }: MessageField, { value }: WireField): void {
  if (type.of === 'list') {
    result[name] = [...((result[name] as unknown[] | undefined) ?? []), decodeValue(value, type.values)];
    return;
  }
  if (type.of === 'map') {
    const entry = new Map(readFields(bytesOf(value)).map((field) => [field.number, field.value]));
    const held = decodeValue(entry.get(2) ?? new Uint8Array(), type.values);
    result[name] = { ...(result[name] as JsonObject | undefined), [textOf(bytesOf(entry.get(1)))]: held };
    return;
  }
  const decoded = decodeValue(value, type);
  if (name === '') {
    Object.assign(result, decoded);
  } else if (decoded !== undefined && !(dropsZero && isZero(decoded))) {
    result[name] = decoded;
  }
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

function decodeValue(value: bigint | Uint8Array, type: FieldType): unknown {
  if (type.of === 'message') {
    return decodeMessage(bytesOf(value), type.message);
  }
  if (type.of === 'leaf') {
    return leaves[type.leaf](value);
  }
  throw new WireError('a list within a list');
}

const leaves: Readonly<Record<Leaf, (value: bigint | Uint8Array) => unknown>> = {
  string: (value) => textOf(bytesOf(value)),
  bytes: (value) => Buffer.from(bytesOf(value)).toString('base64'),
  bool: (value) => value === 1n,
  int32: Number,
  int64: Number,
  float64: () => {
    throw unknown('a floating-point number');
  },
  any: () => {
    throw unknown('a field of several forms');
  },
  time: (value) => timeOf(bytesOf(value))?.replace(/\.\d+Z$/u, 'Z'),
  microTime: (value) => timeOf(bytesOf(value)),
  quantity: (value) => textOf(bytesByNumber(bytesOf(value)).get(1)),
  intOrString: (value) => intOrStringOf(bytesOf(value)),
  raw: (value) => JSON.parse(textOf(bytesByNumber(bytesOf(value)).get(1))) as unknown,
};

/** RFC 3339 with microseconds; undefined for Go's zero moment, which is sent as nothing. */
function timeOf(bytes: Uint8Array): string | undefined {
  const fields = new Map(readFields(bytes).map(({ number, value }) => [number, Number(value)]));
  if (fields.size === 0) {
    return undefined;
  }
  const seconds = new Date((fields.get(1) ?? 0) * 1000).toISOString().slice(0, 19);
  const micros = Math.floor((fields.get(2) ?? 0) / 1000);
  return `${seconds}.${String(micros).padStart(6, '0')}Z`;
}

function intOrStringOf(bytes: Uint8Array): number | string {
  const fields = new Map(readFields(bytes).map(({ number, value }) => [number, value]));
  return fields.get(1) === 1n ? textOf(bytesOf(fields.get(3))) : Number(fields.get(2) ?? 0n);
}

function bytesOf(value: bigint | Uint8Array | undefined): Uint8Array {
  if (typeof value === 'bigint') {
    throw new WireError('a number stands where bytes belong');
  }
  return value ?? new Uint8Array();
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
