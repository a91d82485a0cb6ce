import type { KubeObject } from '../../../lib/kube/objects.ts';

export interface StoredEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** As the storage has it: `namespace/name`, or the name alone. */
  readonly key: string;
  readonly object: KubeObject;
  /** What it was before, for watchers with a selector. */
  readonly previous: KubeObject | undefined;
  readonly version: number;
  /** `object` as JSON, made once for the journal and all watchers. */
  readonly json: string;
}

export interface HistoryLimits {
  /** The most events. */
  readonly events: number;
  /** The most of their JSON, in UTF-16 units. */
  readonly bytes: number;
}

/** The latest events of one kind: what a watch may resume over, and a later page of a list look back over. */
export class EventHistory {
  readonly #limits: HistoryLimits;
  #events: StoredEvent[] = [];
  #bytes = 0;
  #droppedTo: number;

  /** @param droppedTo the version up to which nothing is known */
  constructor(limits: HistoryLimits, droppedTo: number) {
    this.#limits = limits;
    this.#droppedTo = droppedTo;
  }

  /** The version of the latest event that is no longer known: whoever has seen that one has missed none. */
  get droppedTo(): number {
    return this.#droppedTo;
  }

  push(event: StoredEvent): void {
    this.#events.push(event);
    this.#bytes += event.json.length;
    while (this.#events.length > this.#limits.events || this.#bytes > this.#limits.bytes) {
      this.#dropOldest();
    }
  }

  /** Oldest first. Complete only for a `version` from `droppedTo` on. */
  after(version: number): readonly StoredEvent[] {
    const first = this.#events.findIndex((event) => event.version > version);
    return first < 0 ? [] : this.#events.slice(first);
  }

  /** Forgets everything up to `version`, the latest of all kinds. */
  compact(version: number): void {
    this.#events = [];
    this.#bytes = 0;
    this.#droppedTo = version;
  }

  #dropOldest(): void {
    const dropped = this.#events.shift();
    this.#bytes -= dropped?.json.length ?? 0;
    this.#droppedTo = dropped?.version ?? this.#droppedTo;
  }
}
