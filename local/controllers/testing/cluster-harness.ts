import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { EventSink, ObjectEvent } from '../../../lib/kube/event-recorder.ts';
import { listAll } from '../../../lib/kube/list-all.ts';
import type { KubeObject, Pod } from '../../../lib/kube/objects.ts';
import { pods, type Resource } from '../../../lib/kube/resources.ts';
import { runAll } from '../../../lib/lifecycle.ts';
import { silentLogger } from '../../../lib/log.ts';
import { settle } from '../../../lib/testing/fake-clock.ts';
import { seededRandom } from '../../../lib/testing/seeded-random.ts';
import { ApiCore } from '../../api/core/core.ts';
import { InProcessClient } from '../../api/in-process-client.ts';
import type { ImageCommand } from '../../node/images.ts';
import { EmbeddedNode } from '../../node/node.ts';
import { type ClusterPartsOptions, createClusterParts } from '../cluster-parts.ts';
import { createInitialNamespaces } from '../namespaces/namespace-controller.ts';

/** Remembers what was said about whom. */
export class FakeEventSink implements EventSink {
  readonly events: (ObjectEvent & { readonly regarding: string })[] = [];

  record(regarding: KubeObject, event: ObjectEvent): void {
    this.events.push({ regarding: `${regarding.kind}/${regarding.metadata.name}`, ...event });
  }

  notes(reason: string): string[] {
    return this.events.filter((event) => event.reason === reason).map(({ note }) => note);
  }
}

export interface HarnessOptions {
  readonly clock?: Clock;
  /** In place of a real one, which starts processes. */
  readonly node?: ClusterPartsOptions['node'];
  readonly images?: Readonly<Record<string, ImageCommand>>;
}

/** The controllers and the node over the real API core, without sockets. */
export class ClusterHarness {
  readonly client: KubeClient;
  readonly core: ApiCore;
  readonly events = new FakeEventSink();
  readonly embeddedNode: EmbeddedNode;
  readonly dataDir: string;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  private constructor(dataDir: string, { images = {}, clock = systemClock, node }: HarnessOptions) {
    const random = seededRandom(1);
    this.dataDir = dataDir;
    this.embeddedNode = new EmbeddedNode({
      clock,
      random,
      log: silentLogger,
      dataDir,
      images: new Map(Object.entries(images)),
      description: {
        name: 'node-1',
        capacity: { cpu: 4, memoryBytes: 8 * 2 ** 30, pods: 110 },
        architecture: 'amd64',
        operatingSystem: 'linux',
        osName: 'Linux',
        kernelVersion: '6.0.0',
        version: 'v0.0.0',
      },
      baseEnv: { PATH: '/usr/bin:/bin' },
    });
    this.core = new ApiCore({ clock, random, podAdmission: this.embeddedNode.admission });
    this.client = new InProcessClient(this.core);
    const parts = createClusterParts({
      client: this.client,
      clock,
      random,
      log: silentLogger,
      events: this.events,
      node: node ?? this.embeddedNode,
    });
    this.#running = createInitialNamespaces(this.client).then(() => runAll(parts, this.#stop.signal));
  }

  static async start(options: HarnessOptions = {}): Promise<ClusterHarness> {
    return new ClusterHarness(await mkdtemp(join(tmpdir(), 'flint-cluster-')), options);
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('the test is over'));
    await this.#running;
    await rm(this.dataDir, { recursive: true });
  }

  /** Lets controllers go on until they wait for time, or for what a test does. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 12; turn++) {
      await settle();
    }
  }

  create<T extends KubeObject>(resource: Resource<T>, object: T): Promise<T> {
    return this.client.create(resource, object, { fieldManager: 'test' });
  }

  list<T extends KubeObject>(resource: Resource<T>, namespace = 'default'): Promise<T[]> {
    return listAll(this.client, resource, { namespace });
  }

  pods(): Promise<Pod[]> {
    return this.list(pods);
  }

  /** Waits for the state of the world that `look` describes; it is asked again after every turn of the event loop. */
  async until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    const deadline = systemClock.monotonic() + 15_000;
    while (systemClock.monotonic() < deadline) {
      const found = await look();
      if (found !== undefined && found !== false) {
        return found;
      }
      await systemClock.sleep(2);
    }
    throw new Error(`waited in vain: ${what}\n${JSON.stringify(await this.pods(), undefined, 1)}`);
  }
}
