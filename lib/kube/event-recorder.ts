import type { Clock, Random } from '../clock.ts';
import { errorMessage } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { KubeClient } from './client.ts';
import type { KubeObject } from './objects.ts';
import { events } from './resources.ts';
import { ignoreNotFound, isAlreadyExists } from './status-error.ts';
import { microTime } from './time.ts';

/** What is to be said about an object; `kubectl describe` shows it. */
export interface ObjectEvent {
  readonly type: 'Normal' | 'Warning';
  /** PascalCase and specific: `ImagePullFailed`. */
  readonly reason: string;
  /** What was being done, PascalCase. */
  readonly action: string;
  /** A sentence; cut at 1 KiB. */
  readonly note: string;
}

/** Where it is said. It never blocks and never fails. */
export interface EventSink {
  record(regarding: KubeObject, event: ObjectEvent): void;
}

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'mergePatch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** `flint.dev/operator` */
  readonly controller: string;
  /** The process. */
  readonly instance: string;
}

/** As in kube-controller-manager's spam filter: a burst for each object, then one every five minutes. */
const burst = 25;
const refillMs = 300_000;
const longestNote = 1024;
/** An event that is said again within this time is the same one, counted. */
const seriesMs = 360_000;
/** Objects and series remembered; the oldest is forgotten first. */
const mostRemembered = 4096;

interface Series {
  readonly name: string;
  count: number;
  lastAt: number;
  /** On the server, as far as is known. */
  isThere: boolean;
}

interface Allowance {
  tokens: number;
  at: number;
}

/** Writes events.k8s.io/v1. An event that cannot be written is logged and gone. */
export class EventRecorder implements EventSink {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #allowances = new Map<string, Allowance>();
  /** One write after the other, so that a series is created before it is counted. */
  #writing: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(regarding: KubeObject, event: ObjectEvent): void {
    const now = this.#options.clock.now();
    if (!this.#mayWrite(regarding, now)) {
      return;
    }
    const key = [regarding.metadata.uid, event.reason, event.action, event.note].join('\0');
    const known = this.#series.get(key);
    const isRepeated = known !== undefined && now - known.lastAt < seriesMs;
    const series = isRepeated ? known : { name: this.#makeName(regarding), count: 0, lastAt: now, isThere: false };
    series.count += 1;
    series.lastAt = now;
    remember(this.#series, key, series);
    this.#writing = this.#writing.then(() => this.#write(regarding, event, series));
  }

  /** Resolves when everything said so far was written, or given up. */
  flush(): Promise<void> {
    return this.#writing;
  }

  #mayWrite(regarding: KubeObject, now: number): boolean {
    const key = regarding.metadata.uid ?? '';
    const before = this.#allowances.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, before.tokens + (now - before.at) / refillMs);
    remember(this.#allowances, key, { tokens: Math.max(0, tokens - 1), at: now });
    return tokens >= 1;
  }

  #makeName(regarding: KubeObject): string {
    const suffix = Math.floor(this.#options.random() * 2 ** 48).toString(16);
    return `${regarding.metadata.name}.${suffix}`;
  }

  /** An event that could not be written is forgotten; the next one of its series begins where this one should have. */
  async #write(regarding: KubeObject, event: ObjectEvent, series: Series): Promise<void> {
    try {
      if (series.isThere) {
        series.isThere = (await this.#countAgain(regarding, series).catch(ignoreNotFound)) !== undefined;
      }
      if (!series.isThere) {
        await this.#create(regarding, event, series.name);
        series.isThere = true;
      }
    } catch (error) {
      // Its name is nobody else's: it was written, and the answer lost.
      series.isThere ||= isAlreadyExists(error);
      this.#options.log.debug('an event was not written', { reason: event.reason, error: errorMessage(error) });
    }
  }

  #create(regarding: KubeObject, event: ObjectEvent, name: string): Promise<unknown> {
    const { client, clock, controller, instance } = this.#options;
    const { namespace = 'default', uid, resourceVersion } = regarding.metadata;
    const object = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name, namespace },
      type: event.type,
      reason: event.reason,
      action: event.action,
      note: event.note.length <= longestNote ? event.note : `${event.note.slice(0, longestNote - 1)}…`,
      eventTime: microTime(clock.now()),
      reportingController: controller,
      reportingInstance: instance,
      regarding: {
        apiVersion: regarding.apiVersion,
        kind: regarding.kind,
        name: regarding.metadata.name,
        namespace,
        uid,
        resourceVersion,
      },
    };
    return client.create(events, object, { fieldManager: instance });
  }

  #countAgain(regarding: KubeObject, series: Series): Promise<unknown> {
    const { client, instance } = this.#options;
    const { namespace = 'default' } = regarding.metadata;
    const patch = { series: { count: series.count, lastObservedTime: microTime(series.lastAt) } };
    return client.mergePatch(events, { namespace, name: series.name }, patch, { fieldManager: instance });
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > mostRemembered && oldest !== undefined) {
    map.delete(oldest);
  }
}
