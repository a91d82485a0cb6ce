import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { StatusError } from '../../../lib/kube/status-error.ts';
import type { Kind } from '../kinds/kind.ts';
import type { Predicate } from '../storage/selectors.ts';
import type { StoredEvent } from '../storage/history.ts';
import type { Storage } from '../storage/storage.ts';

export interface WatchRequest {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly matches: Predicate;
  /** undefined: from now on, after all present objects as ADDED. */
  readonly since: number | undefined;
  /** All present objects first, then a marked bookmark. */
  readonly sendInitialEvents: boolean;
}

export type Emitted =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      readonly object: KubeObject;
      /** `object` as JSON, where it is at hand. */
      readonly json?: string;
    }
  | { readonly type: 'ERROR'; readonly error: StatusError }
  | { readonly type: 'BOOKMARK'; readonly version: number; readonly initialEventsEnd: boolean };

/** Calls `emit` with what a watcher with this selector sees. @returns what ends it. @throws StatusError as `Storage.watch` */
export function openWatch(storage: Storage, request: WatchRequest, emit: (event: Emitted) => void): () => void {
  const inScope: Predicate = (object) =>
    (request.namespace === undefined || object.metadata.namespace === request.namespace) && request.matches(object);
  if (request.since !== undefined && !request.sendInitialEvents) {
    return storage.watch(request.kind, request.since, (event) => {
      forward(event, inScope, emit);
    });
  }
  const version = storage.version;
  for (const [, object] of storage.list(request.kind)) {
    if (inScope(object)) {
      emit({ type: 'ADDED', object });
    }
  }
  if (request.sendInitialEvents) {
    emit({ type: 'BOOKMARK', version, initialEventsEnd: true });
  }
  return storage.watch(request.kind, version, (event) => {
    forward(event, inScope, emit);
  });
}

/** An object that starts to match is added for this watcher, one that stops to match is deleted. */
function forward(event: StoredEvent, inScope: Predicate, emit: (event: Emitted) => void): void {
  const now = event.type !== 'DELETED' && inScope(event.object);
  const before = event.previous !== undefined && inScope(event.previous);
  if (now) {
    emit({ type: before ? 'MODIFIED' : 'ADDED', object: event.object, json: event.json });
  } else if (before) {
    emit({ type: 'DELETED', object: event.object, json: event.json });
  }
}
