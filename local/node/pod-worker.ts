import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { EventSink } from '../../lib/kube/event-recorder.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { ofUid } from '../../lib/kube/preconditions.ts';
import { pods } from '../../lib/kube/resources.ts';
import { isConflict, isNotFound } from '../../lib/kube/status-error.ts';
import type { Logger } from '../../lib/log.ts';
import { ChangeSignal } from './change-signal.ts';
import type { ContainerLog } from './container-log.ts';
import { type ContainerDeps, ContainerRunner, type RestartPolicy } from './container-runner.ts';
import { type ContainerObservation, containerCreating, podInitializing } from './container-state.ts';
import type { Container } from './mounts.ts';
import { type FormerRun, readFormerRuns } from './former-run.ts';
import { makePodStatus } from './pod-status.ts';
import type { Sources } from './sources.ts';
import { StatusWriter } from './status-writer.ts';
import { untoldMountReason } from './untold-mounts.ts';
import type { VolumeStore } from './volume-store.ts';
import { MountError, planVolumes, type VolumePlan } from './volumes.ts';

export interface PodWorkerDeps extends ContainerDeps {
  readonly client: Pick<KubeClient, 'mergePatch' | 'delete'>;
  readonly log: Logger;
  readonly events: EventSink;
  readonly volumes: VolumeStore;
  /** For whoever starts the node, who may look at no event: once for all pods of one owner. */
  readonly warnOnce: (message: string, pod: Pod) => void;
  /** Each pod has its own folder below it, by uid. */
  readonly podsFolder: string;
}

const retry = { firstMs: 50, longestMs: 5000 };

/** Why a pod ends here. */
type Ending =
  /** Somebody asked for it; the object goes once nothing runs any more. */
  | 'deleted'
  /** The object is gone already. */
  | 'removed'
  /** The node stops; the object is nobody's concern any more. */
  | 'abandoned';

/**
 * Everything the node does for one pod, from its first sight to its end: volumes, then init containers one after another,
 * then all containers, and the status of it all.
 */
export class PodWorker {
  readonly #deps: PodWorkerDeps;
  readonly #sources: Sources;
  readonly #folder: string;
  readonly #seenAt: number;
  readonly #status: StatusWriter;
  readonly #former: ReadonlyMap<string, FormerRun>;
  readonly #runners = new Map<string, ContainerRunner>();
  readonly #disconnected = new AbortController();
  readonly #ending = Promise.withResolvers<Ending>();
  #pod: Pod;
  #graceMs = Infinity;
  #isPrepared = false;
  #plans: readonly VolumePlan[] = [];
  readonly #change = new ChangeSignal();

  constructor(deps: PodWorkerDeps, pod: Pod, sources: Sources) {
    this.#deps = deps;
    this.#sources = sources;
    this.#pod = pod;
    this.#folder = join(deps.podsFolder, pod.metadata.uid ?? '');
    this.#seenAt = deps.clock.now();
    this.#former = readFormerRuns(pod, this.#seenAt);
    this.#status = new StatusWriter({
      ...deps,
      pod: () => this.#pod,
      makeStatus: () => makePodStatus(this.#pod, this.#observe()),
      onWritten: (written) => {
        this.#pod = written;
      },
    });
  }

  /** The server has a newer version of the pod. */
  update(pod: Pod): void {
    this.#pod = pod;
    for (const { name, resources = {} } of pod.spec.containers) {
      this.#runners.get(name)?.resize(resources);
    }
    if (pod.metadata.deletionTimestamp !== undefined) {
      const seconds = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
      this.#end('deleted', seconds * 1000);
    }
  }

  /** The object is gone: whatever still runs of it has no time left. */
  remove(): void {
    this.#disconnect();
    this.#end('removed', 0);
  }

  /** The node stops. */
  abandon(graceSeconds: number): void {
    this.#disconnect();
    this.#end('abandoned', Math.min(graceSeconds, this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
  }

  /** A ConfigMap or Secret of its namespace has changed. */
  wake(): void {
    this.#change.notify();
    this.#runners.forEach((runner) => {
      runner.wake();
    });
  }

  log(container: string, which: 'current' | 'previous'): ContainerLog | undefined {
    return this.#runners.get(container)?.log(which);
  }

  /** Resolves when nothing of the pod is left here. */
  async run(): Promise<void> {
    if (this.#former.size > 0) {
      // Nobody may take it for the Ready that it was.
      this.#status.changed();
    }
    const life = this.#live().catch((error: unknown) => {
      this.#deps.log.error('pod failed on the node', { name: this.#pod.metadata.name, error });
      this.#warn('FailedSync', `error killing or starting the pod: ${errorMessage(error)}`);
    });
    const ending = await this.#ending.promise;
    await life;
    if (ending === 'deleted') {
      this.#status.changed();
      await this.#status.flushed();
      await this.#deleteObject();
    }
    await this.#deps.volumes.release(this.#plans);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #live(): Promise<void> {
    const volumes = await this.#prepare();
    if (volumes === undefined) {
      return;
    }
    const sidecars = await this.#initialise(volumes);
    const mayRun = !this.#isEnding && !this.#hasFailedInit();
    const containers = mayRun ? this.#pod.spec.containers : [];
    const runners = containers.map((container) => this.#makeRunner(container, volumes, policyOf(this.#pod)));
    await Promise.all([...sidecars, ...runners.map((runner) => runner.run())]);
  }

  /** Runs the init containers, one after another; those that stay, as sidecars do, go on beside what follows. */
  async #initialise(volumes: ReadonlyMap<string, string>): Promise<Promise<void>[]> {
    const sidecars: Promise<void>[] = [];
    for (const container of this.#pod.spec.initContainers ?? []) {
      if (container.restartPolicy === 'Always') {
        sidecars.push(this.#makeRunner(container, volumes, 'Always').run());
      } else if (!this.#isEnding && !this.#hasFailedInit()) {
        const policy = policyOf(this.#pod) === 'Never' ? 'Never' : 'OnFailure';
        await this.#makeRunner(container, volumes, policy).run();
      }
    }
    return sidecars;
  }

  /** @returns undefined when the pod ended before its volumes could be made */
  async #prepare(): Promise<ReadonlyMap<string, string> | undefined> {
    for (;;) {
      const changed = this.#change.next;
      try {
        const plans = planVolumes(this.#pod, this.#sources);
        const volumes = await this.#deps.volumes.create(plans, this.#folder);
        this.#plans = plans;
        this.#isPrepared = true;
        return this.#isEnding ? undefined : volumes;
      } catch (error) {
        if (!(error instanceof MountError)) {
          throw error;
        }
        this.#warn('FailedMount', error.message);
        this.#status.changed();
      }
      await Promise.race([changed, this.#ending.promise]);
      if (this.#isEnding) {
        return undefined;
      }
    }
  }

  #makeRunner(
    container: Container,
    volumes: ReadonlyMap<string, string>,
    restartPolicy: RestartPolicy,
  ): ContainerRunner {
    const runner = new ContainerRunner({
      ...this.#deps,
      pod: this.#pod,
      container,
      volumes,
      restartPolicy,
      former: this.#former.get(container.name),
      sources: this.#sources,
      folder: join(this.#folder, container.name),
      onEvent: (event) => {
        this.#deps.events.record(this.#pod, event);
        if (event.reason === untoldMountReason) {
          this.#deps.warnOnce(event.note, this.#pod);
        }
      },
      onChange: () => {
        this.#status.changed();
      },
    });
    this.#runners.set(container.name, runner);
    return runner;
  }

  get #isEnding(): boolean {
    return this.#graceMs !== Infinity;
  }

  #hasFailedInit(): boolean {
    return (this.#pod.spec.initContainers ?? []).some(({ name }) => hasFailed(this.#runners.get(name)?.observe()));
  }

  /** A later word counts when it leaves less time. */
  #end(ending: Ending, graceMs: number): void {
    if (graceMs >= this.#graceMs) {
      return;
    }
    if (!this.#isEnding) {
      this.#sayKilling();
    }
    this.#graceMs = graceMs;
    this.#ending.resolve(ending);
    this.#runners.forEach((runner) => {
      runner.stop(graceMs);
    });
  }

  #sayKilling(): void {
    for (const [name, runner] of this.#runners) {
      if (runner.observe().state.kind === 'running') {
        const note = `Stopping container ${name}`;
        this.#deps.events.record(this.#pod, { type: 'Normal', reason: 'Killing', action: 'SyncPod', note });
      }
    }
  }

  #warn(reason: string, note: string): void {
    this.#deps.events.record(this.#pod, { type: 'Warning', reason, action: 'SyncPod', note });
  }

  /** No more writes: the object, or whoever would read it, is gone. */
  #disconnect(): void {
    this.#status.stop();
    this.#disconnected.abort(new Error("the pod is nobody's concern any more"));
  }

  /** Tried until it is done: only this removes the object of a pod that ran here. */
  async #deleteObject(): Promise<void> {
    const { signal } = this.#disconnected;
    for (let pauseMs = retry.firstMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, retry.longestMs)) {
      try {
        const options = { ...ofUid(this.#pod), gracePeriodSeconds: 0 };
        await this.#deps.client.delete(pods, this.#pod.metadata, options);
        return;
      } catch (error) {
        if (isNotFound(error) || isConflict(error)) {
          return;
        }
        this.#deps.log.warn('pod not deleted', { error: errorMessage(error), retryMs: pauseMs });
      }
      await this.#deps.clock.sleep(pauseMs, signal).catch(() => undefined);
    }
  }

  #observe(): Parameters<typeof makePodStatus>[1] {
    const { spec } = this.#pod;
    const initContainers = (spec.initContainers ?? []).map((container) => this.#observeOne(container));
    const isWaiting = initContainers.some(({ state }) => state.kind !== 'terminated');
    return {
      initContainers,
      containers: spec.containers.map((container) => this.#observeOne(container, isWaiting)),
      isPrepared: this.#isPrepared,
      seenAt: this.#seenAt,
      now: this.#deps.clock.now(),
    };
  }

  #observeOne(container: Container, waitsForInit = false): ContainerObservation {
    const { name, image = '', resources = {} } = container;
    const state = waitsForInit ? podInitializing : containerCreating;
    const former = this.#former.get(name);
    const past = { lastExit: former?.exit, restartCount: former?.restartCount ?? 0 };
    const unseen = { name, image, state, ...past, isReady: false, isStarted: false, resources };
    return this.#runners.get(name)?.observe() ?? unseen;
  }
}

function hasFailed(seen: ContainerObservation | undefined): boolean {
  return seen?.state.kind === 'terminated' && seen.state.exit.exitCode !== 0;
}

function policyOf({ spec }: Pod): RestartPolicy {
  return spec.restartPolicy === 'Never' || spec.restartPolicy === 'OnFailure' ? spec.restartPolicy : 'Always';
}
