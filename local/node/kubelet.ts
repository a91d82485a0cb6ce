import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { EventSink } from '../../lib/kube/event-recorder.ts';
import type { ConfigMap, Pod } from '../../lib/kube/objects.ts';
import { isFinished } from '../../lib/kube/pod-phase.ts';
import type { Change, Reflector } from '../../lib/kube/reflector.ts';
import { makeKey } from '../../lib/kube/store.ts';
import { type Runnable, untilAborted } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import type { ServiceAccountTokens } from '../api/token-table.ts';
import type { Secret } from '../controllers/resources.ts';
import type { ContainerLog } from './container-log.ts';
import type { ContainerDeps } from './container-runner.ts';
import { podsFolderIn } from './leftovers.ts';
import { makeNode, type NodeDescription, registerNode } from './node-object.ts';
import { PodWorker, type PodWorkerDeps } from './pod-worker.ts';
import type { PortTable } from './ports.ts';
import type { Sources } from './sources.ts';
import { VolumeStore } from './volume-store.ts';

export interface KubeletDeps extends ContainerDeps {
  readonly description: NodeDescription;
  readonly client: KubeClient;
  readonly log: Logger;
  readonly events: EventSink;
  readonly ports: PortTable;
  readonly dataDir: string;
  readonly pods: Reflector<Pod>;
  readonly configMaps: Reflector<ConfigMap>;
  readonly secrets: Reflector<Secret>;
  readonly tokens: ServiceAccountTokens | undefined;
}

/** When the node stops, pods get at most this long. */
const stopGraceSeconds = 5;
/** A larger compile cache is thrown away at the start; Node never shrinks it. */
const largestCompileCacheBytes = 64 * 1024 * 1024;

const never = new Promise<never>(() => undefined);

interface Running {
  readonly worker: PodWorker;
  readonly ended: Promise<void>;
}

/** Runs the pods that are bound to this node. */
export class Kubelet implements Runnable {
  readonly name = 'kubelet';
  readonly #deps: KubeletDeps;
  readonly #workerDeps: PodWorkerDeps;
  /** By uid: a new pod of an old name is another pod. */
  readonly #running = new Map<string, Running>();
  #isUp = false;
  #nextName = 0;
  readonly #warned = new Set<string>();

  constructor(deps: KubeletDeps) {
    this.#deps = deps;
    const volumes = new VolumeStore({
      folder: join(deps.dataDir, 'volumes'),
      nextName: () => String((this.#nextName += 1)),
    });
    const warnOnce = (message: string, pod: Pod): void => {
      this.#warnOnce(message, pod);
    };
    this.#workerDeps = { ...deps, volumes, warnOnce, podsFolder: podsFolderIn(deps.dataDir) };
    deps.pods.onChange((change) => {
      this.#note(change);
    });
    deps.configMaps.onChange(({ object }) => {
      this.#wake(object.metadata.namespace);
    });
    deps.secrets.onChange(({ object }) => {
      this.#wake(object.metadata.namespace);
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { client, clock, description, log, pods, configMaps, secrets } = this.#deps;
    await this.#prepareFolders();
    await registerNode(client, makeNode(description, clock.now()));
    await untilAborted(Promise.all([pods.synced, configMaps.synced, secrets.synced]), signal);
    if (!signal.aborted) {
      this.#isUp = true;
      [...pods.store.values()].forEach((pod) => {
        this.#take(pod);
      });
      await untilAborted(never, signal);
    }
    this.#isUp = false;
    log.info('stopping pods', { count: this.#running.size });
    const all = [...this.#running.values()];
    all.forEach(({ worker }) => {
      worker.abandon(stopGraceSeconds);
    });
    await Promise.all(all.map(({ ended }) => ended));
  }

  /** The log of a container of a pod that is here. */
  log(uid: string, container: string, which: 'current' | 'previous'): ContainerLog | undefined {
    return this.#running.get(uid)?.worker.log(container, which);
  }

  async #prepareFolders(): Promise<void> {
    const { dataDir, compileCache } = this.#deps;
    await rm(join(dataDir, 'volumes'), { recursive: true, force: true });
    await mkdir(join(dataDir, 'volumes'), { recursive: true });
    // Node looks for the type of a .js file in the folders above it; what lies above here is none of a container's business.
    await writeFile(join(dataDir, 'volumes', 'package.json'), '{}\n');
    if ((await sizeOf(compileCache)) > largestCompileCacheBytes) {
      await rm(compileCache, { recursive: true, force: true });
    }
    await mkdir(compileCache, { recursive: true });
  }

  #note(change: Change<Pod>): void {
    const pod = change.object;
    if (change.type === 'delete') {
      this.#deps.ports.release(pod);
      this.#deps.tokens?.revoke(pod);
      this.#running.get(pod.metadata.uid ?? '')?.worker.remove();
      return;
    }
    this.#deps.ports.hold(pod);
    if (this.#isUp) {
      this.#take(pod);
    }
  }

  #take(pod: Pod): void {
    const { uid = '', namespace } = pod.metadata;
    if (pod.spec.nodeName !== this.#deps.description.name) {
      return;
    }
    const known = this.#running.get(uid);
    if (known !== undefined) {
      known.worker.update(pod);
      return;
    }
    if (isFinished(pod)) {
      return;
    }
    const worker = new PodWorker(this.#workerDeps, pod, this.#sourcesOf(namespace));
    // Deleted before it was seen: the worker ends it at once, and with it the object.
    worker.update(pod);
    const ended = worker.run().then(
      () => {
        this.#running.delete(uid);
      },
      (error: unknown) => {
        this.#running.delete(uid);
        this.#deps.log.error('pod not cleaned up', { name: pod.metadata.name, error });
      },
    );
    this.#running.set(uid, { worker, ended });
  }

  #warnOnce(message: string, { metadata }: Pod): void {
    const owner = metadata.ownerReferences?.[0]?.name ?? metadata.name;
    const key = `${metadata.namespace ?? ''}/${owner}: ${message}`;
    if (!this.#warned.has(key)) {
      this.#warned.add(key);
      this.#deps.log.warn(message, { pod: metadata.name, namespace: metadata.namespace });
    }
  }

  #sourcesOf(namespace: string | undefined): Sources {
    const { configMaps, secrets, tokens } = this.#deps;
    return {
      configMap: (name) => configMaps.store.get(makeKey(namespace, name)),
      secret: (name) => secrets.store.get(makeKey(namespace, name)),
      token: (pod) => tokens?.issue(pod),
    };
  }

  #wake(namespace: string | undefined): void {
    for (const pod of this.#deps.pods.store.values()) {
      if (pod.metadata.namespace === namespace) {
        this.#running.get(pod.metadata.uid ?? '')?.worker.wake();
      }
    }
  }
}

/** Bytes of the files in a folder; 0 when there is none. */
async function sizeOf(folder: string): Promise<number> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return 0;
    }
    throw error;
  }
}
