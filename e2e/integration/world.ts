import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { functions, revisions, runtimes } from '../../lib/api/resources.ts';
import type { FunctionObject, FunctionSpec } from '../../lib/api/function.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { ReconcileKey } from '../../lib/kube/controller.ts';
import type { KubeObject, Pod } from '../../lib/kube/objects.ts';
import { configMaps, deployments, namespaces, pods, type Resource, services } from '../../lib/kube/resources.ts';
import { byLabel, byOwnerUid, keyOf, ObjectStore } from '../../lib/kube/store.ts';
import { labels } from '../../lib/api/names.ts';
import { silentLogger } from '../../lib/log.ts';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { createApiServer } from '../../local/api/server.ts';
import { FunctionReconciler } from '../../operator/controllers/function/reconcile.ts';
import { RevisionReconciler } from '../../operator/controllers/revision/reconcile.ts';

const project = join(import.meta.dirname, '../..');
const manager = { fieldManager: 'kubectl' };

/** Thrown by a client whose process died. */
export class CrashError extends Error {}

/**
 * The operator's reconcilers over the embedded API, with caches that are read afresh before every reconcile and without
 * any timer: what happens is decided by the test alone.
 */
export class OperatorWorld {
  readonly clock = new FakeClock();
  readonly client: KubeClient;
  /** `verb kind/name` of every write. */
  readonly writes: string[] = [];
  /** After so many calls every further one fails, as in a process that died. */
  callsLeft = Infinity;
  readonly #random: () => number;

  constructor(random: () => number = () => 0.5) {
    this.#random = random;
    const api = createApiServer({ clock: this.clock, random, log: silentLogger, tokens: {} });
    this.client = api.client;
  }

  async setUp(): Promise<void> {
    for (const file of ['functions', 'revisions', 'runtimes']) {
      const [crd] = loadAll(readFileSync(join(project, `crds/${file}.yaml`), 'utf8')) as KubeObject[];
      if (crd !== undefined) {
        await this.client.create(customResourceDefinitions, crd, manager);
      }
    }
    const [runtime] = loadAll(
      readFileSync(join(project, 'local/manifests/runtime-nodejs.yaml'), 'utf8'),
    ) as KubeObject[];
    await this.client.create(runtimes, runtime as never, manager);
    for (const name of ['default', 'shop']) {
      await this.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, manager);
    }
  }

  applyFunction(name: string, spec: Partial<FunctionSpec> & Pick<FunctionSpec, 'source'>): Promise<FunctionObject> {
    const object = {
      apiVersion: 'flint.dev/v1alpha1',
      kind: 'Function',
      metadata: { name, namespace: 'shop' },
      spec: { runtime: 'nodejs', ...spec },
    };
    return this.client.apply(functions, object, { ...manager, force: true });
  }

  /** Reconciles everything, again and again, until a round writes nothing. @returns the writes of the rounds before */
  async settle(): Promise<string[]> {
    const before = this.writes.length;
    for (let round = 0; round < 20; round++) {
      const written = this.writes.length;
      await this.reconcileAll();
      if (this.writes.length === written) {
        return this.writes.slice(before);
      }
    }
    throw new Error(`no rest after 20 rounds: ${this.writes.slice(-5).join(', ')}`);
  }

  async reconcileAll(): Promise<void> {
    const deps = await this.#deps();
    for (const fn of deps.functions.values()) {
      await new FunctionReconciler(await this.#deps()).reconcile(keyed(fn));
    }
    for (const revision of deps.revisions.values()) {
      await new RevisionReconciler(await this.#deps()).reconcile(keyed(revision));
    }
  }

  async all<T extends KubeObject>(resource: Resource<T>): Promise<T[]> {
    const found: T[] = [];
    for await (const page of this.client.list(resource)) {
      found.push(...page.items);
    }
    return found;
  }

  /** A Pod of a Revision, as a node would report it. */
  async makePod(revision: string, fn: string, status: Pod['status']): Promise<void> {
    const name = `${revision}-pod`;
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'shop', labels: { [labels.function]: fn, [labels.revision]: revision } },
      spec: { containers: [{ name: 'function', image: 'x' }] },
    };
    await this.client.create(pods, pod, manager);
    await this.client.mergePatch(pods, { namespace: 'shop', name }, { status }, { ...manager, subresource: 'status' });
  }

  async #deps() {
    const fill = async <T extends KubeObject>(resource: Resource<T>): Promise<ObjectStore<T>> => {
      const store = new ObjectStore<T>({ owner: byOwnerUid, revision: byLabel(labels.revision) });
      for (const object of await this.all(resource)) {
        store.set(keyOf(object), object);
      }
      return store;
    };
    return {
      client: this.#observed(),
      clock: this.clock,
      functions: await fill(functions),
      revisions: await fill(revisions),
      runtimes: await fill(runtimes),
      configMaps: await fill(configMaps),
      services: await fill(services),
      deployments: await fill(deployments),
      pods: await fill(pods),
      urls: { domains: ['example.com'], clusterDomain: 'cluster.local', scheme: 'http' as const, port: 0 },
      activatorService: 'activator.flint-system.svc.cluster.local',
      random: this.#random,
    };
  }

  /** Counts calls, records writes, and dies when `callsLeft` is used up: before the call, so that it never happened. */
  #observed(): KubeClient {
    return new Proxy(this.client, {
      get: (target, verb: keyof KubeClient) => {
        return (resource: Resource, first: KubeObject & { name?: string }, ...rest: unknown[]) => {
          if (this.callsLeft-- <= 0) {
            throw new CrashError('the process died');
          }
          if (verb !== 'get') {
            this.writes.push(`${verb} ${resource.kind}/${first.name ?? first.metadata.name}`);
          }
          return (target[verb] as (...args: unknown[]) => unknown).call(target, resource, first, ...rest);
        };
      },
    });
  }
}

export const customResourceDefinitions: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

function keyed({ metadata }: KubeObject): ReconcileKey {
  return metadata.namespace === undefined
    ? { name: metadata.name }
    : { namespace: metadata.namespace, name: metadata.name };
}

/** A Pod status that says ready. */
export const readyStatus = {
  phase: 'Running',
  podIP: '10.0.0.1',
  conditions: [{ type: 'Ready', status: 'True' }],
} as Pod['status'];

/** A Pod status of a container that ended. */
export function crashedStatus(exitCode: number, message: string): Pod['status'] {
  return {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [
      {
        name: 'function',
        image: 'x',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { terminated: { exitCode, message } },
      },
    ],
  };
}
