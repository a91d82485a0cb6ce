import { StatusError } from '../../../lib/kube/status-error.ts';
import { type Emitted, openWatch, type WatchRequest } from '../core/watch-stream.ts';
import { apiVersionOfKind, type Kind } from '../kinds/kind.ts';
import { makeStatus } from '../status.ts';
import { parseFieldSelector, parseLabelSelector, type Predicate } from '../storage/selectors.ts';
import type { Storage } from '../storage/storage.ts';
import { makeTable } from '../table/table.ts';
import { scheduleBookmarks } from './bookmarks.ts';
import type { Exchange, HandlerContext } from './exchange.ts';
import { isTrue, queryOf, representationOf } from './request.ts';

const longestSeconds = 1800;
/** A watcher that leaves this much unread is cut off, and has to list again: the events of a busy cluster are many. */
const slowWatcherBytes = 32 * 1024 * 1024;

/** WATCH: one JSON object a line until the client leaves or its time is over. */
export function streamWatch(context: HandlerContext, exchange: Exchange): unknown {
  const { core, clock } = context;
  const { request, reply, kind, info } = exchange;
  const query = queryOf(request);
  const version = query['resourceVersion'] ?? '';
  const render = renderer(context, exchange);
  const { raw } = reply;
  const write = (event: Emitted): void => {
    raw.write(`${render(event)}\n`);
    if (raw.writableLength > slowWatcherBytes) {
      raw.destroy();
    }
  };
  const watch: WatchRequest = {
    kind,
    matches: both(parseLabelSelector(query['labelSelector']), parseFieldSelector(query['fieldSelector'], kind)),
    ...(info.namespace === undefined ? {} : { namespace: info.namespace }),
    since: version === '' || version === '0' ? undefined : Number(version),
    sendInitialEvents: isTrue(query['sendInitialEvents']),
  };
  core.storage.checkReached(watch.since ?? 0);
  reply.hijack();
  raw.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  raw.flushHeaders();
  const close = openOrTell(core.storage, watch, write);
  if (close === undefined) {
    raw.end();
    return reply;
  }
  const lengthMs = Math.min(Number(query['timeoutSeconds'] ?? longestSeconds), longestSeconds) * 1000;
  const cancelEnd = clock.schedule(lengthMs, () => raw.end());
  const cancelBookmarks = isTrue(query['allowWatchBookmarks'])
    ? scheduleBookmarks(clock, lengthMs, () => {
        write({ type: 'BOOKMARK', version: core.storage.version, initialEventsEnd: false });
      })
    : undefined;
  raw.once('close', () => {
    close();
    cancelEnd();
    cancelBookmarks?.();
  });
  return reply;
}

/**
 * A version that is too old is told inside the stream, under the status 200, as a real server does it.
 * @returns undefined when there is no watch after that
 */
function openOrTell(storage: Storage, watch: WatchRequest, write: (event: Emitted) => void): (() => void) | undefined {
  try {
    return openWatch(storage, watch, write);
  } catch (error) {
    if (error instanceof StatusError && error.reason === 'Expired') {
      write({ type: 'ERROR', error });
      return undefined;
    }
    throw error;
  }
}

function both(a: Predicate, b: Predicate): Predicate {
  return (object) => a(object) && b(object);
}

/** An event as the client asked for it, in JSON. */
function renderer({ clock }: HandlerContext, { request, kind }: Exchange): (event: Emitted) => string {
  const how = representationOf(request);
  let withColumns = true;
  return (event) => {
    if (event.type === 'ERROR') {
      return JSON.stringify({ type: 'ERROR', object: makeStatus(event.error) });
    }
    if (event.type === 'BOOKMARK') {
      return JSON.stringify({ type: 'BOOKMARK', object: bookmarkOf(kind, event) });
    }
    const { type, object } = event;
    if (how.as === 'object') {
      return `{"type":"${type}","object":${event.json ?? JSON.stringify(object)}}`;
    }
    if (how.as === 'metadata') {
      const { metadata } = object;
      return JSON.stringify({
        type,
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata },
      });
    }
    const table = makeTable([object], kind.columns, {
      now: clock.now(),
      resourceVersion: object.metadata.resourceVersion ?? '',
      includeObject: how.includeObject,
      withColumns,
    });
    withColumns = false;
    return JSON.stringify({ type, object: table });
  };
}

function bookmarkOf(kind: Kind, event: Emitted & { readonly type: 'BOOKMARK' }): object {
  const annotations = event.initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const metadata = { resourceVersion: String(event.version), creationTimestamp: null, ...annotations };
  return { kind: kind.kind, apiVersion: apiVersionOfKind(kind), metadata };
}
