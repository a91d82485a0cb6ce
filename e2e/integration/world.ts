import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { findCondition } from '../../lib/api/conditions.ts';
import type { FunctionObject, FunctionSpec } from '../../lib/api/function.ts';
import { labels } from '../../lib/api/names.ts';
import { functions, revisions, runtimes } from '../../lib/api/resources.ts';
import type { Revision } from '../../lib/api/revision.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { listAll } from '../../lib/kube/list-all.ts';
import type { Condition, KubeObject, Pod } from '../../lib/kube/objects.ts';
import {
  configMaps,
  deployments,
  events,
  namespaces,
  pods,
  type Resource,
  services,
} from '../../lib/kube/resources.ts';
import { silentLogger } from '../../lib/log.ts';
import { customResourceDefinitions } from '../../local/controllers/resources.ts';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { seededRandom } from '../../lib/testing/seeded-random.ts';
import { type ApiServer, createApiServer } from '../../local/api/server.ts';
import { readInstallation, shippedRuntimes } from '../../local/launch/installation.ts';
import { readyStatus, user } from './manifests.ts';
import { CrashError, type ObservedCall, type Observer } from './observed-client.ts';
import { OperatorProcess } from './process.ts';
import type { Snapshot } from './watch-faults.ts';

const project = join(import.meta.dirname, '../..');
const nobody = { userOf: () => undefined };
/** Children before those they belong to, so that one pass of {@link OperatorWorld.collectGarbage} is enough. */
const owned: readonly Resource[] = [revisions, services, configMaps, deployments];

/**
 * The whole operator, caches and queues included, over the embedded API. Time stands still but for what a test and
 * {@link settle} let pass; the kubelet, the Deployment controller and garbage collection act when a test says so.
 */
export class OperatorWorld {
  readonly clock = new FakeClock();
  /** For the test's own hand; what it does is not counted. */
  readonly client: KubeClient;
  /** `verb kind/name as manager` of every write of the operator that succeeded, events left out. */
  readonly writes: string[] = [];
  /** After so many calls the operator is dead: every further one fails. */
  callsLeft = Infinity;
  /** Makes calls fail as long as it returns an error. */
  fault: (verb: string, resource: Resource) => Error | undefined = () => undefined;
  /** Makes the answers of writes fail that were done, as long as it returns an error. */
  lostAnswer: () => Error | undefined = () => undefined;
  /** Sees every call of an operator before it reaches the API. */
  witness: (call: ObservedCall) => void | Promise<void> = () => undefined;
  readonly #api: ApiServer;
  readonly #env: Readonly<Record<string, string>>;
  readonly #processes: OperatorProcess[] = [];
  readonly #random = seededRandom(1);

  private constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
    this.#api = createApiServer({ clock: this.clock, random: () => 0.5, log: silentLogger, tokens: nobody });
    this.client = this.#api.client;
  }

  /** @param env settings of the operator beyond those of every test */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<OperatorWorld> {
    const world = new OperatorWorld(env);
    for (const file of ['functions', 'revisions', 'runtimes']) {
      await world.client.create(customResourceDefinitions, read(`crds/${file}.yaml`) as KubeObject, user);
    }
    for (const runtime of shippedRuntimes(await readInstallation(project))) {
      await world.client.create(runtimes, runtime, user);
    }
    for (const name of ['default', 'shop']) {
      await world.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, user);
    }
    world.startOperator();
    return world;
  }

  /** The API server forgets its history: every version but the present one is too old from now on. */
  compact(): void {
    this.#api.core.storage.compact();
  }

  /** Those that were started last stand last. */
  get operators(): readonly OperatorProcess[] {
    return this.#processes;
  }

  /** @param past what the new one takes for the present */
  startOperator(past?: Snapshot): OperatorProcess {
    const process = new OperatorProcess({
      api: this.client,
      observer: this.#observer(),
      clock: this.clock,
      random: this.#random,
      env: this.#env,
      ...(past === undefined ? {} : { past }),
    });
    this.#processes.push(process);
    return process;
  }

  /** All of them, as at SIGTERM. */
  async stopOperator(): Promise<void> {
    await Promise.all(this.#processes.splice(0).map((process) => process.terminate()));
  }

  /** Lets the operator work until it has written nothing for a while. @returns what it wrote meanwhile */
  async settle(): Promise<string[]> {
    const before = this.writes.length;
    for (let quiet = 0, rounds = 0; quiet < 5; rounds++) {
      const written = this.writes.length;
      await this.clock.advance(20);
      quiet = this.writes.length === written ? quiet + 1 : 0;
      if (rounds > 500) {
        throw new Error(`no rest: ${this.writes.slice(-5).join(', ')}`);
      }
    }
    return this.writes.slice(before);
  }

  applyFunction(
    name: string,
    spec: Partial<FunctionSpec> & Pick<FunctionSpec, 'source'>,
    namespace = 'shop',
  ): Promise<FunctionObject> {
    const runtime = spec.source.image === undefined ? { runtime: 'nodejs' } : {};
    const object = {
      apiVersion: 'flint.dev/v1alpha1',
      kind: 'Function',
      metadata: { name, namespace },
      spec: { ...runtime, ...spec },
    };
    return this.client.apply(functions, object, { ...user, force: true });
  }

  fn(name = 'hello'): Promise<FunctionObject> {
    return this.client.get(functions, { namespace: 'shop', name });
  }

  async latest(name = 'hello'): Promise<Revision> {
    const { status } = await this.fn(name);
    return this.client.get(revisions, { namespace: 'shop', name: status?.latestCreatedRevision ?? 'none' });
  }

  all<T extends KubeObject>(resource: Resource<T>): Promise<T[]> {
    return listAll(this.client, resource);
  }

  async condition(type: string, name = 'hello'): Promise<Condition | undefined> {
    return findCondition((await this.fn(name)).status?.conditions, type);
  }

  async revisionNames(): Promise<string[]> {
    return (await this.all(revisions)).map(({ metadata }) => metadata.name).sort();
  }

  /** The Revision that gets the requests. */
  async serving(name = 'hello'): Promise<string | undefined> {
    return (await this.fn(name)).status?.traffic?.[0]?.revisionName;
  }

  /** What there is, without what differs between two runs of the same story. */
  async endState(): Promise<unknown> {
    const kinds: readonly Resource[] = [functions, revisions, deployments, configMaps, services];
    return (await Promise.all(kinds.map((resource) => this.all(resource)))).flat().map(essenceOf);
  }

  /** The events about an object, in the order they were written: `Type Reason: note`. */
  async eventsAbout(name: string): Promise<string[]> {
    const all = (await this.all(events)) as (KubeObject & ObjectEvent)[];
    return all
      .filter((event) => event.regarding.name === name)
      .map((event) => `${event.type} ${event.reason}: ${event.note}`);
  }

  /** A Pod of a Revision in the state that a kubelet would report; the one there was before is replaced. */
  async reportPod(revision: Revision, status: Pod['status']): Promise<void> {
    const name = { namespace: 'shop', name: `${revision.metadata.name}-pod` };
    const own = { [labels.function]: revision.spec.functionName, [labels.revision]: revision.metadata.name };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...name, labels: own },
      spec: { containers: [{ name: 'function', image: 'x' }] },
    };
    if (!(await this.all(pods)).some(({ metadata }) => metadata.name === name.name)) {
      await this.client.create(pods, pod, user);
    }
    await this.client.mergePatch(pods, name, { status }, { ...user, subresource: 'status' });
  }

  async removePod(revision: Revision): Promise<void> {
    await this.client.delete(
      pods,
      { namespace: 'shop', name: `${revision.metadata.name}-pod` },
      { gracePeriodSeconds: 0 },
    );
  }

  /** Makes the latest Revision ready and lets the operator see it. */
  async prove(name = 'hello'): Promise<Revision> {
    await this.settle();
    const revision = await this.latest(name);
    await this.reportPod(revision, readyStatus);
    await this.settle();
    return revision;
  }

  /** What has an owner that is gone goes, over all generations. */
  async collectGarbage(): Promise<void> {
    for (const resource of owned) {
      const alive = new Set<string | undefined>();
      for (const kind of [functions, revisions]) {
        (await this.all<KubeObject>(kind)).forEach(({ metadata }) => alive.add(metadata.uid));
      }
      for (const { metadata } of await this.all(resource)) {
        const owners = metadata.ownerReferences ?? [];
        if (owners.length > 0 && owners.every(({ uid }) => !alive.has(uid))) {
          await this.client.delete(resource, metadata);
        }
      }
    }
  }

  /** Counts calls, records writes, and lets a process die when `callsLeft` is used up: before the call, so that it never happened. */
  #observer(): Observer {
    return {
      before: async (call) => {
        if (this.callsLeft-- <= 0) {
          throw new CrashError('the process died');
        }
        throwIfAny(this.fault(call.verb, call.resource));
        await this.witness(call);
      },
      wrote: ({ verb, resource, subject, options }) => {
        const name = subject.name ?? subject.metadata?.name ?? '';
        this.writes.push(`${verb} ${resource.kind}/${name} as ${options.fieldManager ?? ''}`);
        throwIfAny(this.lostAnswer());
      },
    };
  }
}

interface ObjectEvent {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly regarding: { readonly name: string };
}

function throwIfAny(error: Error | undefined): void {
  if (error !== undefined) {
    throw error;
  }
}

export function essenceOf(object: KubeObject): unknown {
  const { kind, metadata, status, ...rest } = object as KubeObject & { status?: Record<string, unknown> };
  const { name, labels: own, annotations, ownerReferences } = metadata;
  const conditions = ((status?.['conditions'] ?? []) as Condition[]).map((one) => [one.type, one.status, one.reason]);
  const owners = ownerReferences?.map((owner) => owner.name);
  return { kind, name, labels: own, annotations, owners, ...rest, conditions, traffic: status?.['traffic'] };
}

function read(file: string): unknown {
  return load(readFileSync(join(project, file), 'utf8'));
}
