import { isObject, type JsonObject } from '../fields/structure.ts';
import { type FieldType, knownMessages, type Leaf, type MessageField, messageName } from '../protobuf/messages.ts';
import type { Kind } from './kind.ts';

/** What an object has that its kind does not know, or knows as something else. */
export interface FieldFindings {
  /** `spec.template.spec.containers[0].imagee` */
  readonly unknown: string[];
  readonly wrong: WrongType[];
}

interface WrongType {
  readonly path: string;
  /** As Go's decoder says it: `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`. */
  readonly message: string;
  readonly wanted: string;
  readonly got: string;
}

/** The Go type of a built-in kind; undefined where its fields are not known here. */
export function goTypeOf(kind: Kind): string | undefined {
  const name = messageName(kind.group, kind.kind);
  // An Event is kept with the fields of both its groups.
  return kind.schema !== undefined || kind.kind === 'Event' || !knownMessages().has(name) ? undefined : name;
}

export interface GoReading {
  readonly findings: FieldFindings;
  /** What is stored has no zeros where Go leaves them out; what an applier states has them, and it owns them. */
  readonly keepsZeros: boolean;
}

/** A copy of `object` with the fields that its Go type has: no unknown ones, none that are null. */
export function readByGoType(object: JsonObject, type: string, reading: GoReading): JsonObject {
  const { apiVersion, kind, ...fields } = object;
  const read = readStruct(fields, { struct: type, path: '', goPath: '', ...reading });
  return { apiVersion, kind, ...read };
}

interface Place extends GoReading {
  /** The struct around it: `apps.DeploymentSpec`. */
  readonly struct: string;
  /** With the positions in lists. */
  readonly path: string;
  readonly goPath: string;
}

function readStruct(value: JsonObject, at: Place): JsonObject {
  const known = fieldTypes(at.struct);
  const result: JsonObject = {};
  for (const [name, field] of Object.entries(value)) {
    const path = at.path === '' ? name : `${at.path}.${name}`;
    const goField = known.get(name);
    if (goField === undefined) {
      at.findings.unknown.push(path);
    } else if (field !== null && field !== undefined) {
      const goPath = at.goPath === '' ? name : `${at.goPath}.${name}`;
      const read = readValue(field, goField.type, { ...at, path, goPath });
      if (at.keepsZeros || !goField.dropsZero || !isZero(read, goField.type)) {
        result[name] = read;
      }
    }
  }
  return result;
}

/** What `omitempty` leaves out: a struct is never empty. */
function isZero(value: unknown, type: FieldType): boolean {
  return type.of === 'map'
    ? isObject(value) && Object.keys(value).length === 0
    : value === '' || value === 0 || value === false || (Array.isArray(value) && value.length === 0);
}

function readValue(value: unknown, type: FieldType, at: Place): unknown {
  if (type.of === 'leaf') {
    if (!leafForms[type.leaf](value)) {
      return fail(value, type, at);
    }
    // Cloning a scalar takes longer than all the rest.
    return typeof value === 'object' ? structuredClone(value) : value;
  }
  if (type.of === 'list') {
    return Array.isArray(value)
      ? value.map((item, index) => readValue(item, type.values, { ...at, path: `${at.path}[${index}]` }))
      : fail(value, type, at);
  }
  if (!isObject(value)) {
    return fail(value, type, at);
  }
  if (type.of === 'message') {
    return readStruct(value, { ...at, struct: type.message });
  }
  const entries = Object.entries(value).map(([name, item]) => [
    name,
    readValue(item, type.values, { ...at, path: `${at.path}.${name}` }),
  ]);
  return Object.fromEntries(entries) as JsonObject;
}

function fail(value: unknown, type: FieldType, { struct, path, goPath, findings }: Place): unknown {
  const got =
    value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  const wanted = goName(type);
  const field = `${struct.slice(struct.indexOf('.') + 1)}.${goPath}`;
  const message = `json: cannot unmarshal ${got} into Go struct field ${field} of type ${wanted}`;
  findings.wrong.push({ path, message, wanted, got });
  return value;
}

function goName(type: FieldType): string {
  switch (type.of) {
    case 'list':
      return `[]${goName(type.values)}`;
    case 'map':
      return `map[string]${goName(type.values)}`;
    case 'message':
      return type.message.replace(/^\w+\./u, 'v1.');
    case 'leaf':
      return goLeaves[type.leaf] ?? type.leaf;
  }
}

const goLeaves: Partial<Record<Leaf, string>> = {
  bytes: '[]uint8',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
};

const isText = (value: unknown): boolean => typeof value === 'string';
const isWhole = (value: unknown): boolean => Number.isInteger(value);

const leafForms: Readonly<Record<Leaf, (value: unknown) => boolean>> = {
  raw: () => true,
  any: () => true,
  bool: (value) => typeof value === 'boolean',
  int32: isWhole,
  int64: isWhole,
  float64: (value) => typeof value === 'number',
  quantity: (value) => isText(value) || typeof value === 'number',
  intOrString: (value) => isText(value) || isWhole(value),
  string: isText,
  bytes: isText,
  time: isText,
  microTime: isText,
};

const fieldsByStruct = new Map<string, ReadonlyMap<string, MessageField>>();

/** By JSON name, those of embedded structs among them. */
function fieldTypes(struct: string): ReadonlyMap<string, MessageField> {
  const found = fieldsByStruct.get(struct);
  if (found !== undefined) {
    return found;
  }
  const fields = [...(knownMessages().get(struct)?.values() ?? [])];
  const made = new Map(
    fields.flatMap((field) =>
      field.name === '' && field.type.of === 'message'
        ? [...fieldTypes(field.type.message)]
        : [[field.name, field] as const],
    ),
  );
  fieldsByStruct.set(struct, made);
  return made;
}
