import { apiVersionOfKind } from '../kinds/kind.ts';
import { type Emitted, openWatch } from '../core/watch-stream.ts';
import { parseFieldSelector, parseLabelSelector, type Predicate } from '../storage/selectors.ts';
import { makeTable } from '../table/table.ts';
import type { Exchange, HandlerContext } from './handlers.ts';
import { isTrue, queryOf, representationOf } from './request.ts';

const bookmarkEveryMs = 60_000;
const longestSeconds = 1800;

/** WATCH: one JSON object a line until the client leaves or its time is over. */
export function streamWatch(context: HandlerContext, exchange: Exchange): unknown {
  const { core, clock } = context;
  const { request, reply, kind, info } = exchange;
  const query = queryOf(request);
  const version = query['resourceVersion'] ?? '';
  const render = renderer(context, exchange);
  // The head goes out with the first event, so that an expired version can still be answered with 410.
  const { raw } = reply;
  const write = (event: Emitted): void => {
    raw.write(`${JSON.stringify(render(event))}\n`);
  };
  const matches = both(parseLabelSelector(query['labelSelector']), parseFieldSelector(query['fieldSelector']));
  const pending: Emitted[] = [];
  let open = false;
  const close = openWatch(
    core.storage,
    {
      kind,
      matches,
      ...(info.namespace === undefined ? {} : { namespace: info.namespace }),
      since: version === '' || version === '0' ? undefined : Number(version),
      sendInitialEvents: isTrue(query['sendInitialEvents']),
    },
    (event) => {
      if (open) {
        write(event);
      } else {
        pending.push(event);
      }
    },
  );
  reply.hijack();
  raw.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  raw.flushHeaders();
  open = true;
  pending.forEach(write);
  const endAfterMs = Math.min(Number(query['timeoutSeconds'] ?? longestSeconds), longestSeconds) * 1000;
  const cancelEnd = clock.schedule(endAfterMs, () => raw.end());
  const cancelBookmarks = isTrue(query['allowWatchBookmarks'])
    ? repeat(context, () => {
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

function both(a: Predicate, b: Predicate): Predicate {
  return (object) => a(object) && b(object);
}

function repeat({ clock }: HandlerContext, action: () => void): () => void {
  let cancel = clock.schedule(bookmarkEveryMs, function tick() {
    action();
    cancel = clock.schedule(bookmarkEveryMs, tick);
  });
  return () => {
    cancel();
  };
}

function renderer({ clock }: HandlerContext, { request, kind }: Exchange): (event: Emitted) => object {
  const how = representationOf(request);
  let withColumns = true;
  return (event) => {
    if (event.type === 'BOOKMARK') {
      const annotations = event.initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
      const metadata = { resourceVersion: String(event.version), creationTimestamp: null, ...annotations };
      return { type: 'BOOKMARK', object: { kind: kind.kind, apiVersion: apiVersionOfKind(kind), metadata } };
    }
    const { type, object } = event;
    if (how.as === 'object') {
      return { type, object };
    }
    if (how.as === 'metadata') {
      return {
        type,
        object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
      };
    }
    const table = makeTable([object], kind.columns, {
      now: clock.now(),
      resourceVersion: object.metadata.resourceVersion ?? '',
      includeObject: how.includeObject,
      withColumns,
    });
    withColumns = false;
    return { type, object: table };
  };
}
