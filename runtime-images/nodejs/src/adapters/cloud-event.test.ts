import { describe, expect, it } from 'vitest';
import { isCloudEvent, parseCloudEvent } from './cloud-event.ts';

const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const binary = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 't' };
const attributes = { specversion: '1.0', id: '1', source: '/s', type: 't' };

describe('parseCloudEvent', () => {
  it('reads structured mode, extensions among the attributes', () => {
    const event = { ...attributes, partitionkey: 'p', data: { a: 1 } };
    expect(parseCloudEvent(structured, Buffer.from(JSON.stringify(event)))).toEqual(event);
  });

  it('takes bytes out of their base64', () => {
    const event = parseCloudEvent(structured, Buffer.from(JSON.stringify({ ...attributes, data_base64: 'w7w=' })));
    expect(event).toEqual({ ...attributes, data: Buffer.from('ü') });
  });

  it('reads binary mode, the data as its type says', () => {
    const headers = { ...binary, 'ce-partitionkey': 'p', 'content-type': 'application/json' };
    expect(parseCloudEvent(headers, Buffer.from('{"a":1}'))).toEqual({
      ...attributes,
      partitionkey: 'p',
      datacontenttype: 'application/json',
      data: { a: 1 },
    });
  });

  it('has no data where there is no body', () => {
    expect(parseCloudEvent(binary, Buffer.alloc(0))).toEqual(attributes);
  });

  it('finds none in an ordinary request', () => {
    expect(parseCloudEvent({ 'content-type': 'application/json' }, Buffer.from('{}'))).toBeUndefined();
  });

  it.each(['[]', 'null', '"text"', '{"id":"1"}', '{'])('refuses %s in structured mode', (text) => {
    expect(() => parseCloudEvent(structured, Buffer.from(text))).toThrow(/CloudEvent|JSON/u);
  });

  it('names every attribute that is missing', () => {
    expect(() => parseCloudEvent({ ...binary, 'ce-source': '', 'ce-type': undefined }, Buffer.alloc(0))).toThrow(
      'the CloudEvent has no source, type',
    );
  });
});

it('an event is told by what it must have', () => {
  expect([isCloudEvent(attributes), isCloudEvent({ ...attributes, id: 1 }), isCloudEvent(null)]).toEqual([
    true,
    false,
    false,
  ]);
});
