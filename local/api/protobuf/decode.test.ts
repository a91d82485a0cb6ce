import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeProtobuf } from './decode.ts';
import { knownMessages } from './messages.ts';
import { readFields, WireError } from './wire.ts';

/** A message from its fields: text and messages with their length, numbers as varints. */
function encode(...fields: (readonly [number, string | Buffer | number | bigint])[]): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) =>
      typeof value === 'number' || typeof value === 'bigint'
        ? Buffer.concat([varint(number << 3), varint(value)])
        : Buffer.concat([varint((number << 3) | 2), varint(Buffer.byteLength(value)), Buffer.from(value)]),
    ),
  );
}

function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

function sent(apiVersion: string, kind: string, raw: Buffer): Buffer {
  return Buffer.concat([Buffer.from('k8s\0'), encode([1, encode([1, apiVersion], [2, kind])], [2, raw])]);
}

it('a ConfigMap is what its JSON would be: maps, bytes in base64, no moment where Go sent its zero one', () => {
  const metadata = encode([1, 'conf'], [3, ''], [8, ''], [11, encode([1, 'app'], [2, 'web'])], [7, 0]);
  const raw = encode(
    [1, metadata],
    [2, encode([1, 'a'], [2, '1'])],
    [2, encode([1, 'b'])],
    [3, encode([1, 'c'], [2, 'x'])],
  );
  expect(decodeProtobuf(sent('v1', 'ConfigMap', raw))).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'conf', labels: { app: 'web' } },
    data: { a: '1', b: '' },
    binaryData: { c: 'eA==' },
  });
});

it('a zero that a pointer holds stays: replicas 0 is not the default of 1', () => {
  const raw = encode([2, encode([1, 0], [7, 0])]);
  expect(decodeProtobuf(sent('apps/v1', 'Deployment', raw))).toMatchObject({ spec: { replicas: 0 } });
  expect(decodeProtobuf(sent('apps/v1', 'Deployment', raw))).not.toHaveProperty('spec.paused');
});

it('a member without a name of its own belongs to the object around it, and ports are numbers or names', () => {
  const probe = encode([1, encode([2, encode([1, '/ready'], [2, encode([1, 1], [3, 'http'])])])], [4, 5]);
  const container = encode([1, 'c'], [11, probe]);
  expect(decodeProtobuf(sent('v1', 'Pod', encode([2, encode([2, container])])))).toMatchObject({
    spec: { containers: [{ readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 } }] },
  });
});

it('moments keep the precision of their type', () => {
  const moment = encode([1, 1_700_000_000], [2, 123_456_000]);
  expect(decodeProtobuf(sent('coordination.k8s.io/v1', 'Lease', encode([2, encode([4, moment])])))).toMatchObject({
    spec: { renewTime: '2023-11-14T22:13:20.123456Z' },
  });
  expect(decodeProtobuf(sent('v1', 'Namespace', encode([1, encode([8, moment])])))).toMatchObject({
    metadata: { creationTimestamp: '2023-11-14T22:13:20Z' },
  });
});

it('a kind or a field that is not known is refused by its name, never dropped', () => {
  expect(() => decodeProtobuf(sent('batch/v1', 'Job', encode()))).toThrow(/protobuf form of kind batch\.Job/u);
  expect(() => decodeProtobuf(sent('v1', 'ConfigMap', encode([99, 'x'])))).toThrow(/field 99 of core\.ConfigMap/u);
});

it('every message that a field names is known', () => {
  const missing = [...knownMessages().values()]
    .flatMap((fields) => [...fields.values()])
    .map(({ type }) => (type.of === 'list' || type.of === 'map' ? type.values : type))
    .filter((type) => type.of === 'message' && !knownMessages().has(type.message));
  expect(missing).toEqual([]);
});

it('numbers of 64 bits come back as they were, negative ones too', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      expect(readFields(encode([1, value]))).toEqual([{ number: 1, value }]);
    }),
  );
});

it('any bytes are read or refused, and refused as a bad request', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      try {
        readFields(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
  );
  expect(() => decodeProtobuf(Buffer.from('{}'))).toThrow(/does not begin with/u);
  expect(() => decodeProtobuf(Buffer.from('k8s\0\x0a\xff', 'latin1'))).toThrow(/the protobuf body is broken/u);
});
