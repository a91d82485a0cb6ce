import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Log } from '../../log.ts';
import type { CloudEvent } from '../cloud-event.ts';
import { parseQuery, splitTarget } from '../target.ts';

export interface ContextFacts {
  readonly request: IncomingMessage;
  readonly rawBody: Buffer;
  /** As its type says; undefined when there is none. */
  readonly body: unknown;
  readonly event: CloudEvent | undefined;
  readonly log: Log;
}

/** First argument of a handler of `func`. The values of the query are its properties too, where they have names of their own. */
export class KnativeContext {
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: IncomingHttpHeaders;
  readonly method: string;
  readonly httpVersion: string;
  readonly httpVersionMajor: number;
  readonly httpVersionMinor: number;
  readonly contentType: string | undefined;
  readonly body: unknown;
  readonly cloudevent: CloudEvent | undefined;
  readonly log: Logger;
  readonly #facts: ContextFacts;

  constructor(facts: ContextFacts) {
    const { request, body, event, log } = facts;
    const query = parseQuery(splitTarget(request.url).search);
    // Of the names that are there already, in the prototype too, a query must not replace any.
    Object.assign(this, Object.fromEntries(Object.entries(query).filter(([name]) => !(name in this))));
    this.query = query;
    this.headers = { ...request.headers };
    this.method = request.method ?? 'GET';
    this.httpVersion = request.httpVersion;
    this.httpVersionMajor = request.httpVersionMajor;
    this.httpVersionMinor = request.httpVersionMinor;
    this.contentType = request.headers['content-type'];
    this.body = body;
    this.cloudevent = event;
    this.log = makeLogger(log);
    this.#facts = facts;
  }

  get req(): IncomingMessage {
    return this.#facts.request;
  }

  get rawBody(): string {
    return this.#facts.rawBody.toString();
  }

  cloudEventResponse(data: unknown): CloudEventBuilder {
    return new CloudEventBuilder(data, this.#facts.event);
  }
}

/** An event to answer with; what is not said is taken from the one that came in. */
class CloudEventBuilder {
  readonly #event: Record<string, unknown>;

  constructor(data: unknown, cause: CloudEvent | undefined) {
    const { id, source, type } = cause ?? { id: '', source: '', type: '' };
    this.#event = { specversion: '1.0', id, source, type, data };
  }

  version(value: string): this {
    return this.#with('specversion', value);
  }

  id(value: string): this {
    return this.#with('id', value);
  }

  type(value: string): this {
    return this.#with('type', value);
  }

  source(value: string): this {
    return this.#with('source', value);
  }

  response(): Record<string, unknown> {
    return this.#event;
  }

  #with(attribute: string, value: string): this {
    this.#event[attribute] = value;
    return this;
  }
}

type LogMethod = (first: unknown, message?: unknown) => void;

type Logger = Readonly<Record<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', LogMethod>>;

/** As pino has it: `(message)`, or `(fields, message)`. `fatal` is an error here, for the process goes on. */
function makeLogger(log: Log): Logger {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error'): LogMethod =>
    (first, message) => {
      if (typeof first === 'object' && first !== null) {
        log[level](textOf(message), first instanceof Error ? { error: first } : { ...first });
      } else {
        log[level](String(first));
      }
    };
  const [debug, error] = [write('debug'), write('error')];
  return { trace: debug, debug, info: write('info'), warn: write('warn'), error, fatal: error };
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? message : '';
}
