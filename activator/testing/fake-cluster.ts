import { labels } from '../../lib/api/names.ts';
import type { Failure } from '../../lib/api/reasons.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient, ObjectName, WriteOptions } from '../../lib/kube/client.ts';
import type { KubeObject, Pod, Scale } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import type { Probe } from '../replicas/probe.ts';
import { deletionCostAnnotation } from '../scale/deletion-cost.ts';

export interface FakeClusterTimes {
  /** Write until the API server answered. */
  readonly writeMs: number;
  /** Pod created until it has an address. */
  readonly scheduleMs: number;
  /** Address until it accepts connections. */
  readonly startMs: number;
  /** Accepts connections until the kubelet says so. */
  readonly kubeletLagMs: number;
  /** Deletion decided until the Pod is gone. */
  readonly stopMs: number;
}

export interface FakeClusterEvents {
  podChanged(pod: Pod): void;
  podDeleted(pod: Pod): void;
}

/** A write as the API server got it. */
export interface FakeWrite {
  readonly at: number;
  readonly kind: 'scale' | 'cost';
  readonly name: string;
  readonly replicas?: number;
}

export interface FakePod {
  readonly pod: Pod;
  readonly revisionName: string;
  answers: boolean;
  ending: boolean;
}

/**
 * Deployments as the activator meets them: a scale to write, Pods that come, answer, become Ready and go. Pods to remove
 * are chosen in the order of the real ReplicaSet controller: not Ready first, then lower deletion cost, then younger.
 */
export class FakeCluster implements Pick<KubeClient, 'setScale' | 'mergePatch'> {
  readonly writes: FakeWrite[] = [];
  readonly pods: FakePod[] = [];
  /** Called for every Pod that is removed, before anybody is told. */
  onVictim: (pod: FakePod) => void = () => undefined;
  /** What becomes of a number that was written: somebody else may interfere. */
  onScale: (replicas: number) => number = (replicas) => replicas;
  /** Makes writes fail as long as it returns an error. */
  fault: () => Error | undefined = () => undefined;
  /** Pods that come from now on fail like this instead of starting. */
  failure: Failure | undefined;
  /** Pods are not created at all, as under a quota. */
  isFull = false;
  /** Writes that are not answered yet. */
  writing = 0;
  /** When one last failed. */
  failedAt = -Infinity;
  readonly #clock: Clock;
  readonly #times: FakeClusterTimes;
  readonly #scales = new Map<string, number>();
  readonly #failures = new Map<string, Failure>();
  #events: FakeClusterEvents | undefined;
  #nextPod = 1;
  #isHanging = false;

  constructor(clock: Clock, times: Partial<FakeClusterTimes> = {}) {
    this.#clock = clock;
    this.#times = { writeMs: 5, scheduleMs: 20, startMs: 80, kubeletLagMs: 800, stopMs: 30, ...times };
  }

  /** From now on no write is answered. */
  hang(): void {
    this.#isHanging = true;
  }

  connect(events: FakeClusterEvents): void {
    this.#events = events;
  }

  readonly failureOf = (pod: Pod): Failure | undefined => this.#failures.get(pod.metadata.uid ?? '');

  readonly probe: Probe = (endpoint) => {
    const pod = this.pods.find(
      (candidate) => candidate.pod.spec.containers[0]?.ports?.[0]?.containerPort === endpoint.port,
    );
    return Promise.resolve(pod?.answers === true);
  };

  scaleOf(revisionName: string): number {
    return this.#scales.get(revisionName) ?? 0;
  }

  /** Pods that are not on their way out. */
  podsOf(revisionName: string): readonly FakePod[] {
    return this.pods.filter((pod) => pod.revisionName === revisionName && !pod.ending);
  }

  /** As somebody else would: `kubectl scale`, or the operator's first Deployment. */
  scale(namespace: string, revisionName: string, replicas: number): void {
    this.#scales.set(revisionName, replicas);
    this.#reconcile(namespace, revisionName);
  }

  async setScale(_resource: Resource, name: ObjectName, replicas: number, options: WriteOptions): Promise<Scale> {
    await this.#answer(options);
    this.writes.push({ at: this.#clock.monotonic(), kind: 'scale', name: name.name, replicas });
    this.scale(name.namespace ?? '', name.name, this.onScale(replicas));
    return { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: name.name }, spec: { replicas } };
  }

  async mergePatch<T extends KubeObject>(
    _resource: Resource<T>,
    name: ObjectName,
    patch: object,
    options: WriteOptions,
  ): Promise<T> {
    await this.#answer(options);
    const found = this.pods.find(({ pod }) => pod.metadata.name === name.name);
    if (found === undefined) {
      throw new Error(`no pod ${name.name}`);
    }
    const { annotations } = (patch as { metadata: { annotations: Record<string, string> } }).metadata;
    found.pod.metadata.annotations = annotations;
    this.writes.push({ at: this.#clock.monotonic(), kind: 'cost', name: name.name });
    return found.pod as unknown as T;
  }

  /** The container dies and, with `answers` left false, does not come back. */
  crash(pod: FakePod | undefined, failure?: Failure): void {
    if (pod === undefined) {
      throw new Error('there is no such pod');
    }
    pod.answers = false;
    setReady(pod.pod, false);
    pod.pod.status = {
      ...pod.pod.status,
      containerStatuses: [
        {
          name: 'function',
          image: '',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode: 1 } },
        },
      ],
    };
    if (failure !== undefined) {
      this.#failures.set(pod.pod.metadata.uid ?? '', failure);
    }
    this.#tell(pod);
  }

  /** The kubelet starts a dead container again; it answers from now on. */
  revive(pod: FakePod | undefined): void {
    const [status] = pod?.pod.status?.containerStatuses ?? [];
    if (pod === undefined || status === undefined) {
      throw new Error('there is no such dead pod');
    }
    pod.answers = true;
    status.restartCount++;
    status.state = { running: {} };
    this.#failures.delete(pod.pod.metadata.uid ?? '');
    this.#tell(pod);
  }

  async #answer(options: WriteOptions): Promise<void> {
    this.writing++;
    try {
      await this.#clock.sleep(this.#isHanging ? 600_000 : this.#times.writeMs, options.signal);
    } finally {
      this.writing--;
    }
    const error = this.fault();
    if (error !== undefined) {
      this.failedAt = this.#clock.monotonic();
      throw error;
    }
  }

  #reconcile(namespace: string, revisionName: string): void {
    const wanted = this.scaleOf(revisionName);
    const present = this.podsOf(revisionName);
    for (let count = present.length; count < wanted && !this.isFull; count++) {
      this.#create(namespace, revisionName);
    }
    for (const pod of [...present].sort(byRemovalOrder).slice(0, Math.max(0, present.length - wanted))) {
      this.#remove(pod);
    }
  }

  #create(namespace: string, revisionName: string): void {
    const number = this.#nextPod++;
    const created: FakePod = {
      pod: makePod(namespace, revisionName, number),
      revisionName,
      answers: false,
      ending: false,
    };
    this.pods.push(created);
    this.#tell(created);
    if (this.failure !== undefined) {
      this.#failures.set(`uid-${number}`, this.failure);
    }
    const { scheduleMs, startMs, kubeletLagMs } = this.#times;
    this.#later(created, scheduleMs, () => {
      created.pod.status = { ...created.pod.status, podIP: '10.0.0.1' };
      this.#tell(created);
    });
    if (this.failure === undefined) {
      this.#later(created, scheduleMs + startMs, () => {
        created.answers = true;
      });
      this.#later(created, scheduleMs + startMs + kubeletLagMs, () => {
        setReady(created.pod, created.answers);
        this.#tell(created);
      });
    }
  }

  #remove(pod: FakePod): void {
    pod.ending = true;
    this.onVictim(pod);
    pod.answers = false;
    pod.pod.metadata.deletionTimestamp = 'now';
    this.#tell(pod);
    this.#clock.schedule(this.#times.stopMs, () => {
      this.pods.splice(this.pods.indexOf(pod), 1);
      this.#events?.podDeleted(pod.pod);
    });
  }

  #later(pod: FakePod, ms: number, act: () => void): void {
    this.#clock.schedule(ms, () => {
      if (!pod.ending) {
        act();
      }
    });
  }

  #tell(pod: FakePod): void {
    this.#events?.podChanged(structuredClone(pod.pod));
  }
}

function byRemovalOrder(a: FakePod, b: FakePod): number {
  return Number(isReady(a.pod)) - Number(isReady(b.pod)) || costOf(a) - costOf(b) || numberOf(b) - numberOf(a);
}

function costOf({ pod }: FakePod): number {
  return Number(pod.metadata.annotations?.[deletionCostAnnotation] ?? 0);
}

function numberOf({ pod }: FakePod): number {
  return pod.spec.containers[0]?.ports?.[0]?.containerPort ?? 0;
}

function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.[0]?.status === 'True';
}

function setReady(pod: Pod, ready: boolean): void {
  pod.status = { ...pod.status, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] };
}

/** The number is uid, name and port, so that whatever comes back can be recognized. */
export function makePod(namespace: string, revisionName: string, number: number): Pod {
  const functionName = revisionName.slice(0, revisionName.lastIndexOf('-'));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod-${number}`,
      namespace,
      uid: `uid-${number}`,
      labels: { [labels.function]: functionName, [labels.revision]: revisionName },
    },
    spec: { containers: [{ name: 'function', ports: [{ name: 'http', containerPort: number }] }] },
    status: { phase: 'Pending' },
  };
}
