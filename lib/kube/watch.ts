import type { Clock } from '../clock.ts';
import type { WatchEvent } from './client.ts';
import { splitLines } from './lines.ts';
import type { KubeObject } from './objects.ts';
import { type Body, endWhenSilent } from './silence.ts';
import { StatusError } from './status-error.ts';
import { fieldsOf } from './transport.ts';

/** Servers send a bookmark a minute and end a watch after its time; a stream that is silent for longer is dead. */
const graceMs = 30_000;

interface WireEvent<T> {
  readonly type: string;
  readonly object: T;
}

export interface WatchGuard {
  readonly clock: Clock;
  readonly timeoutSeconds: number;
}

/**
 * The events of a watch's byte stream. @throws StatusError for an ERROR event, Error when the stream stays silent for longer
 * than the watch may last (a half-open connection).
 */
export async function* readEvents<T extends KubeObject>(
  body: Body,
  { clock, timeoutSeconds }: WatchGuard,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  for await (const line of splitLines(endWhenSilent(body, { clock, silentMs: timeoutSeconds * 1000 + graceMs }))) {
    yield eventOf(JSON.parse(line) as WireEvent<T>);
  }
}

function eventOf<T extends KubeObject>(event: WireEvent<T>): WatchEvent<T> {
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: event.type, object: strip(event.object) };
    case 'BOOKMARK':
      return {
        type: 'BOOKMARK',
        resourceVersion: event.object.metadata.resourceVersion ?? '',
        initialEventsEnd: event.object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true',
      };
    case 'ERROR': {
      const fields = fieldsOf(event.object);
      throw new StatusError({ code: 500, reason: 'InternalError', message: 'the watch failed', ...fields });
    }
    default:
      throw new Error(`unknown watch event '${event.type}'`);
  }
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Takes out what no reader of a cache looks at, and what is often most of an object. Changes `object`, which is fresh from the wire. */
export function strip<T extends KubeObject>(object: T): T {
  delete object.metadata.managedFields;
  if (object.metadata.annotations !== undefined) {
    const { [lastApplied]: _, ...annotations } = object.metadata.annotations;
    object.metadata.annotations = annotations;
  }
  return object;
}
