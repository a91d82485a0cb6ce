import { expect, it } from 'vitest';
import { readFields } from '../protobuf/wire.ts';
import { readOpenApiV2 } from './openapi-v2.ts';

it('is a whole document of no kinds, as JSON and as what kubectl reads', () => {
  const json = readOpenApiV2('application/json, */*');
  expect(json.type).toBe('application/json');
  expect(JSON.parse(String(json.body))).toMatchObject({ swagger: '2.0', info: { version: 'v1' }, paths: {} });
  const { type, body } = readOpenApiV2('application/com.github.proto-openapi.spec.v2@v1.0+protobuf');
  expect(type).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  expect(readFields(body as Buffer).map(({ number }) => number)).toEqual([1, 2, 8]);
});
