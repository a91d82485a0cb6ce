import type {
  ApplyOptions,
  DeleteOptions,
  JsonPatchOperation,
  KubeClient,
  ListOptions,
  ListPage,
  ObjectName,
  PatchOptions,
  UpdateOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '../../lib/kube/client.ts';
import type { KubeObject, Scale } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import type { ApiCore, Subject, WriteContext } from './core/core.ts';
import { changeOf, patchTypes } from './core/patch.ts';
import { readScale, writeScale } from './core/scale.ts';
import { type Emitted, openWatch } from './core/watch-stream.ts';
import { Channel } from './core/channel.ts';
import type { Kind } from './kinds/kind.ts';
import { codeOf, type RequestMetrics, type Verb } from './request-metrics.ts';
import { parseFieldSelector, parseLabelSelector, type Predicate } from './storage/selectors.ts';

/** What a call is counted as. */
interface Asked {
  readonly verb: Verb;
  readonly resource: Resource;
  readonly subresource?: string;
}

/** The API without a socket: the same checks, the same versions, the same watch. Objects it returns are frozen. */
export class InProcessClient implements KubeClient {
  readonly #core: ApiCore;
  readonly #metrics: Pick<RequestMetrics, 'count'>;

  /** @param metrics counts every call but lists and watches, which here are no requests */
  constructor(core: ApiCore, metrics: Pick<RequestMetrics, 'count'> = { count: () => undefined }) {
    this.#core = core;
    this.#metrics = metrics;
  }

  get<T extends KubeObject>(resource: Resource<T>, name: ObjectName): Promise<T> {
    return this.#call({ verb: 'GET', resource }, () => this.#core.get(this.#subject(resource, name)));
  }

  async *list<T extends KubeObject>(
    resource: Resource<T>,
    options: ListOptions = {},
  ): AsyncGenerator<ListPage<T>, void, undefined> {
    const kind = this.#kind(resource);
    const inScope = scopeOf(kind, options);
    const objects = [...this.#core.storage.list(kind)].map(([, object]) => object as T);
    yield await Promise.resolve({
      items: objects.filter(inScope),
      resourceVersion: String(this.#core.storage.version),
    });
  }

  async *watch<T extends KubeObject>(
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    const channel = new Channel<Emitted>();
    const kind = this.#kind(resource);
    const close = openWatch(
      this.#core.storage,
      {
        kind,
        matches: scopeOf(kind, options),
        since: options.resourceVersion === '' ? undefined : Number(options.resourceVersion),
        sendInitialEvents: options.sendInitialEvents ?? false,
      },
      (event) => {
        channel.push(event);
      },
    );
    try {
      for await (const event of channel.read(signal)) {
        if (event.type === 'ERROR') {
          throw event.error;
        }
        yield event.type === 'BOOKMARK'
          ? { type: 'BOOKMARK', resourceVersion: String(event.version), initialEventsEnd: event.initialEventsEnd }
          : { type: event.type, object: event.object as T };
      }
    } finally {
      close();
    }
  }

  create<T extends KubeObject>(resource: Resource<T>, object: T, options: WriteOptions): Promise<T> {
    return this.#call(
      { verb: 'POST', resource },
      () => this.#core.create(this.#kind(resource), object, contextOf(options)).object,
    );
  }

  update<T extends KubeObject>(resource: Resource<T>, object: T, options: UpdateOptions): Promise<T> {
    const { subresource: door = 'main' } = options;
    return this.#call(
      { verb: 'PUT', resource, subresource: door },
      () => this.#core.update(this.#subject(resource, object.metadata), door, contextOf(options), () => object).object,
    );
  }

  apply<T extends KubeObject>(resource: Resource<T>, object: KubeObject, options: ApplyOptions): Promise<T> {
    const { subresource: door = 'main', force = false } = options;
    return this.#call(
      { verb: 'APPLY', resource, subresource: door },
      () =>
        this.#core.apply(this.#subject(resource, object.metadata), object, { door, force, context: contextOf(options) })
          .object,
    );
  }

  mergePatch<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: object,
    options: PatchOptions,
  ): Promise<T> {
    return this.#patch(resource, name, changeOf(this.#kind(resource), patchTypes.merge, patch), options);
  }

  jsonPatch<T extends KubeObject>(
    resource: Resource<T>,
    name: ObjectName,
    patch: readonly JsonPatchOperation[],
    options: PatchOptions,
  ): Promise<T> {
    return this.#patch(resource, name, changeOf(this.#kind(resource), patchTypes.json, patch), options);
  }

  delete(
    resource: Resource,
    name: ObjectName,
    options: DeleteOptions & { readonly gracePeriodSeconds?: number } = {},
  ): Promise<void> {
    return this.#call({ verb: 'DELETE', resource }, () => {
      this.#core.remove(this.#subject(resource, name), { ...options, dryRun: false });
    });
  }

  getScale(resource: Resource, name: ObjectName): Promise<Scale> {
    return this.#call({ verb: 'GET', resource, subresource: 'scale' }, () =>
      readScale(this.#kind(resource), this.#core.get(this.#subject(resource, name))),
    );
  }

  setScale(resource: Resource, name: ObjectName, replicas: number, options: WriteOptions): Promise<Scale> {
    const subject = this.#subject(resource, name);
    const change = (live: KubeObject): KubeObject => writeScale(subject.kind, live, { spec: { replicas } });
    return this.#call({ verb: 'PATCH', resource, subresource: 'scale' }, () => {
      const { object } = this.#core.update(subject, 'main', { ...contextOf(options), subresource: 'scale' }, change);
      return readScale(subject.kind, object);
    });
  }

  #patch<T>(
    resource: Resource,
    name: ObjectName,
    change: (live: KubeObject) => KubeObject,
    options: PatchOptions,
  ): Promise<T> {
    const door = options.subresource === 'status' ? 'status' : 'main';
    return this.#call(
      { verb: 'PATCH', resource, subresource: door },
      () => this.#core.update(this.#subject(resource, name), door, contextOf(options), change).object,
    );
  }

  /** A refusal becomes a rejection, as it does over HTTP. */
  async #call<T>(asked: Asked, call: () => unknown): Promise<T> {
    try {
      const answer = (await call()) as T;
      this.#count(asked, asked.verb === 'POST' ? 201 : 200);
      return answer;
    } catch (error) {
      this.#count(asked, codeOf(error));
      throw error;
    }
  }

  #count({ verb, resource, subresource = 'main' }: Asked, code: number): void {
    const { group, version, plural } = resource;
    this.#metrics.count({
      verb,
      group,
      version,
      resource: plural,
      subresource: subresource === 'main' ? '' : subresource,
      user: 'cluster',
      code,
    });
  }

  #kind(resource: Resource): Kind {
    return this.#core.registry.find(resource.group, resource.version, resource.plural);
  }

  #subject(resource: Resource, { namespace, name }: ObjectName): Subject {
    return { kind: this.#kind(resource), name, ...(namespace === undefined ? {} : { namespace }) };
  }
}

function contextOf(options: WriteOptions): WriteContext {
  return { manager: options.fieldManager, dryRun: options.dryRun ?? false, validation: 'Strict' };
}

function scopeOf(
  kind: Kind,
  options: { namespace?: string; labelSelector?: string; fieldSelector?: string },
): Predicate {
  const byLabels = parseLabelSelector(options.labelSelector);
  const byFields = parseFieldSelector(options.fieldSelector, kind);
  const { namespace } = options;
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) && byLabels(object) && byFields(object);
}
