/** Thrown for bytes that are no protobuf message. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

export interface WireField {
  readonly number: number;
  /** A varint, or the bytes of a string or message. */
  readonly value: bigint | Uint8Array;
}

const varint = 0;
const lengthDelimited = 2;

/** The fields of a message in the order they stand. Kubernetes uses varints and lengths only. @throws WireError */
export function readFields(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) {
        throw new WireError('the message ends within a number');
      }
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return BigInt.asIntN(64, value);
      }
    }
    throw new WireError('a number has more than ten bytes');
  };
  while (at < bytes.length) {
    const tag = Number(readVarint());
    const [number, type] = [tag >>> 3, tag & 7];
    if (type === varint) {
      fields.push({ number, value: readVarint() });
    } else if (type === lengthDelimited) {
      const length = Number(readVarint());
      if (length < 0 || at + length > bytes.length) {
        throw new WireError(`field ${number} is longer than the message`);
      }
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    } else {
      throw new WireError(`field ${number} has wire type ${type}, which Kubernetes does not use`);
    }
  }
  return fields;
}
