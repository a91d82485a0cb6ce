import type { IncomingMessage } from 'node:http';
import { buffer } from '../../builtin.ts';
import { isJson, mediaType } from '../body.ts';
import { splitTarget } from '../target.ts';

/** Of API Gateway's HTTP APIs and of function URLs: payload format 2.0. */
export interface LambdaEvent {
  readonly version: '2.0';
  readonly routeKey: '$default';
  /** As it was sent. */
  readonly rawPath: string;
  /** Without its `?`. */
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  /** Names in lower case, several of one name joined by a comma; without `cookie`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly requestContext: RequestContext;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

interface RequestContext {
  readonly accountId: string;
  readonly apiId: string;
  readonly domainName: string;
  readonly domainPrefix: string;
  readonly http: {
    readonly method: string;
    readonly path: string;
    readonly protocol: string;
    readonly sourceIp: string;
    readonly userAgent: string;
  };
  readonly requestId: string;
  readonly routeKey: '$default';
  readonly stage: '$default';
  /** `12/Mar/2020:19:03:58 +0000` */
  readonly time: string;
  readonly timeEpoch: number;
}

export interface EventFacts {
  readonly body: Buffer;
  readonly requestId: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export function makeEvent(request: IncomingMessage, facts: EventFacts): LambdaEvent {
  const { path, search } = splitTarget(request.url);
  const { cookie, ...headers } = joinHeaders(request);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: search,
    ...(cookie === undefined ? {} : { cookies: cookie.split(';').map((one) => one.trim()) }),
    headers,
    ...(search === '' ? {} : { queryStringParameters: joinParameters(search) }),
    requestContext: makeRequestContext(request, path, facts),
    ...encodeBody(facts.body, request.headers['content-type']),
  };
}

function makeRequestContext(request: IncomingMessage, path: string, { requestId, now }: EventFacts): RequestContext {
  const { headers, method = 'GET', httpVersion, socket } = request;
  const domainName = headers.host ?? '';
  const domainPrefix = domainName.split('.', 1)[0] ?? '';
  const forwardedFor = String(headers['x-forwarded-for'] ?? '').split(',', 1)[0] ?? '';
  const sourceIp = forwardedFor === '' ? (socket.remoteAddress ?? '') : forwardedFor.trim();
  return {
    accountId: 'anonymous',
    apiId: domainPrefix,
    domainName,
    domainPrefix,
    http: { method, path, protocol: `HTTP/${httpVersion}`, sourceIp, userAgent: headers['user-agent'] ?? '' },
    requestId,
    routeKey: '$default',
    stage: '$default',
    time: commonLogTime(now),
    timeEpoch: now,
  };
}

function joinHeaders({ headersDistinct }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(name === 'cookie' ? ';' : ',')]),
  );
}

function joinParameters(search: string): Record<string, string> {
  const parameters = new URLSearchParams(search);
  return Object.fromEntries([...parameters.keys()].map((name) => [name, parameters.getAll(name).join(',')]));
}

const textTypes = new Set(['application/javascript', 'application/xml']);

/** Text stays text; a form is among the bytes, as it is on AWS. */
function encodeBody(body: Buffer, contentType: string | undefined): Pick<LambdaEvent, 'body' | 'isBase64Encoded'> {
  if (body.length === 0) {
    return { isBase64Encoded: false };
  }
  const type = mediaType(contentType);
  const isText = type.startsWith('text/') || isJson(type) || type.endsWith('+xml') || textTypes.has(type);
  return isText && buffer.isUtf8(body)
    ? { body: body.toString(), isBase64Encoded: false }
    : { body: body.toString('base64'), isBase64Encoded: true };
}

function commonLogTime(now: number): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/u.exec(new Date(now).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
