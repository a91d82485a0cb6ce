import type { IncomingHttpHeaders } from 'node:http';
import { mediaType, parseBody, parseJson } from './body.ts';
import { Refusal } from './refusal.ts';

/** An event with its attributes (CloudEvents 1.0), extensions among them, and its data as its type says. */
export interface CloudEvent {
  readonly specversion: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly [attribute: string]: unknown;
}

const required = ['specversion', 'id', 'source', 'type'] as const;

/**
 * The event that a request carries, in binary mode (`ce-…` headers) or structured mode (JSON); undefined when it carries
 * none.
 *
 * @throws Refusal for one that is no event, or lacks a required attribute
 */
export function parseCloudEvent(headers: IncomingHttpHeaders, body: Buffer): CloudEvent | undefined {
  if (mediaType(headers['content-type']) === 'application/cloudevents+json') {
    return withData(complete(parseJson(body)));
  }
  return 'ce-id' in headers || 'ce-specversion' in headers ? complete(parseBinary(headers, body)) : undefined;
}

function parseBinary(headers: IncomingHttpHeaders, body: Buffer): object {
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith('ce-'));
  const contentType = headers['content-type'];
  return {
    ...Object.fromEntries(attributes.map(([name, value]) => [name.slice('ce-'.length), value])),
    ...(contentType === undefined ? {} : { datacontenttype: contentType }),
    ...(body.length === 0 ? {} : { data: parseBody(body, contentType) }),
  };
}

function complete(event: unknown): CloudEvent {
  if (typeof event !== 'object' || event === null) {
    throw new Refusal('the body is no CloudEvent: it is no object');
  }
  const values = event as Readonly<Record<string, unknown>>;
  const missing = required.filter((name) => typeof values[name] !== 'string' || values[name] === '');
  if (missing.length > 0) {
    throw new Refusal(`the CloudEvent has no ${missing.join(', ')}`);
  }
  return event as CloudEvent;
}

/** Bytes stand in JSON as `data_base64`. */
function withData(event: CloudEvent): CloudEvent {
  const { data_base64: encoded, ...rest } = event;
  return typeof encoded === 'string' ? { ...rest, data: Buffer.from(encoded, 'base64') } : event;
}

/** What has the required attributes, as objects of the CloudEvents SDK do. */
export function isCloudEvent(value: unknown): value is CloudEvent {
  return (
    typeof value === 'object' &&
    value !== null &&
    required.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === 'string')
  );
}
