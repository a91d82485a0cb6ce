import { deepEqual, isObject, type JsonObject } from '../fields/structure.ts';
import { refuse } from '../status.ts';

export interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** RFC 6902. `document` is not changed. @throws StatusError Invalid when an operation does not fit the document. */
export function jsonPatch(document: unknown, operations: readonly Operation[]): unknown {
  const root = { document: structuredClone(document) };
  for (const operation of operations) {
    perform(root, operation);
  }
  return root.document;
}

function perform(root: JsonObject, operation: Operation): void {
  const path = parsePointer(operation.path);
  switch (operation.op) {
    case 'add':
      add(root, path, structuredClone(operation.value));
      return;
    case 'remove':
      remove(root, path);
      return;
    case 'replace':
      read(root, path);
      assign(root, path, structuredClone(operation.value));
      return;
    case 'test':
      if (!deepEqual(read(root, path), operation.value)) {
        throw fail(operation.path, 'test failed');
      }
      return;
    case 'copy':
      add(root, path, structuredClone(read(root, parsePointer(operation.from ?? ''))));
      return;
    case 'move': {
      const from = parsePointer(operation.from ?? '');
      const value = read(root, from);
      remove(root, from);
      add(root, path, value);
      return;
    }
    default:
      throw refuse('BadRequest', `unknown JSON patch operation '${operation.op}'`);
  }
}

/** `/a/b~1c` as the names from the holder of the document: `document`, `a`, `b/c`. */
function parsePointer(pointer: string): string[] {
  if (pointer !== '' && !pointer.startsWith('/')) {
    throw refuse('BadRequest', `'${pointer}' is no JSON pointer`);
  }
  return ['document', ...pointer.split('/').slice(1)].map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(root: JsonObject, path: readonly string[]): unknown {
  let value: unknown = root;
  for (const name of path) {
    value = child(value, name, path);
  }
  return value;
}

function child(value: unknown, name: string, path: readonly string[]): unknown {
  if (Array.isArray(value) && /^[0-9]+$/u.test(name) && Number(name) < value.length) {
    return value[Number(name)];
  }
  if (isObject(value) && Object.hasOwn(value, name)) {
    return value[name];
  }
  throw fail(`/${path.slice(1).join('/')}`, 'the path does not exist');
}

function add(root: JsonObject, path: readonly string[], value: unknown): void {
  const holder = read(root, path.slice(0, -1));
  const name = path.at(-1) ?? '';
  if (Array.isArray(holder)) {
    const index = name === '-' ? holder.length : Number(name);
    if (!Number.isInteger(index) || index < 0 || index > holder.length) {
      throw fail(name, 'no such index');
    }
    holder.splice(index, 0, value);
    return;
  }
  assign(root, path, value);
}

function assign(root: JsonObject, path: readonly string[], value: unknown): void {
  const holder = read(root, path.slice(0, -1)) as JsonObject;
  holder[path.at(-1) ?? ''] = value;
}

function remove(root: JsonObject, path: readonly string[]): void {
  read(root, path);
  const holder = read(root, path.slice(0, -1));
  const name = path.at(-1) ?? '';
  if (Array.isArray(holder)) {
    holder.splice(Number(name), 1);
  } else {
    Reflect.deleteProperty(holder as JsonObject, name);
  }
}

function fail(path: string, why: string): Error {
  return refuse('Invalid', `the server rejected our request due to an error in our request: ${path}: ${why}`);
}
