/**
 * `/openapi/v2`, which kubectl asks for a kind that no document of version 3 has, one with a typo for example. Nothing is described
 * here, so that the kind is unknown in this one as well, and kubectl says what it says on any cluster.
 */
const document = {
  swagger: '2.0',
  info: { title: 'Flint embedded cluster: see /openapi/v3', version: 'v1' },
  paths: {},
} as const;

/** In gnostic's encoding, the only one that kubectl reads: `openapi.v2.Document`. */
const protobuf = Buffer.concat([
  encodeField(1, Buffer.from(document.swagger)),
  encodeField(
    2,
    Buffer.concat([
      encodeField(1, Buffer.from(document.info.title)),
      encodeField(2, Buffer.from(document.info.version)),
    ]),
  ),
  encodeField(8, Buffer.alloc(0)),
]);

/** The type that clients ask for, and the one that servers answer with: the former is no valid media type. */
const askedType = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
const answeredType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

export function readOpenApiV2(accept = ''): { readonly type: string; readonly body: Buffer | string } {
  return accept.includes(askedType) || accept.includes(answeredType)
    ? { type: answeredType, body: protobuf }
    : { type: 'application/json', body: JSON.stringify(document) };
}

/** Of less than 128 bytes, whose length is one byte. */
function encodeField(number: number, bytes: Buffer): Buffer {
  const lengthDelimited = 2;
  return Buffer.concat([Buffer.from([(number << 3) | lengthDelimited, bytes.length]), bytes]);
}
