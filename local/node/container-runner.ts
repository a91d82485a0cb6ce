import { mkdirSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { errorMessage, isAbortError } from '../../lib/errors.ts';
import type { ObjectEvent } from '../../lib/kube/event-recorder.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { ChangeSignal } from './change-signal.ts';
import { type Command, makeCommand, memoryLimitBytes } from './command.ts';
import { ContainerLog, removeLog } from './container-log.ts';
import type { ContainerExit, ContainerObservation, ContainerState } from './container-state.ts';
import { containerCreating } from './container-state.ts';
import { type CrashMemory, decideRestart, formatPause } from './crash-backoff.ts';
import { type Environment, makeEnvironment, MissingSourceError } from './environment.ts';
import type { FormerRun } from './former-run.ts';
import { findImage, type ImageCommand, type ImageTable, makePullError } from './images.ts';
import { markProcess } from './leftovers.ts';
import type { MemoryWatch } from './memory-watch.ts';
import { type Container, makeMounts, type Mount, type Resources } from './mounts.ts';
import { ContainerProbes } from './container-probes.ts';
import { ProcessGroup } from './process-group.ts';
import type { Sources } from './sources.ts';
import { explainUntoldMount, findUntoldMounts, untoldMountReason } from './untold-mounts.ts';

/** What containers of all pods share. */
export interface ContainerDeps {
  readonly clock: Clock;
  readonly images: ImageTable;
  readonly memory: MemoryWatch;
  readonly baseEnv: Environment;
  readonly compileCache: string;
}

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export interface ContainerOptions extends ContainerDeps {
  readonly pod: Pod;
  readonly container: Container;
  readonly sources: Sources;
  /** The container's own folder; made here. */
  readonly folder: string;
  readonly volumes: ReadonlyMap<string, string>;
  readonly restartPolicy: RestartPolicy;
  /** It ran before the node went down: this is a restart. */
  readonly former: FormerRun | undefined;
  readonly onEvent: (event: ObjectEvent) => void;
  /** `observe` says something new. */
  readonly onChange: () => void;
}

/** Kubernetes' bound of a termination message. */
const longestMessageBytes = 4096;
/** A kubelet calls it ErrImagePull for about this long, and ImagePullBackOff from then on. */
const pullRetryMs = 10_000;

/**
 * One container of a pod, over all its restarts.
 *
 * waiting (ContainerCreating) → running → terminated → running …, with waiting (CrashLoopBackOff) between once it crashes
 * repeatedly. It stays waiting while its image or something its environment refers to is missing.
 */
export class ContainerRunner {
  readonly #options: ContainerOptions;
  readonly #stop = new AbortController();
  readonly #probes: ContainerProbes;
  readonly #mounts: readonly Mount[];
  #state: ContainerState = containerCreating;
  #lastExit: ContainerExit | undefined;
  #crashes: CrashMemory | undefined;
  #restartCount = 0;
  #process: ProcessGroup | undefined;
  #logs: ContainerLog[] = [];
  readonly #change = new ChangeSignal();
  #isOutOfMemory = false;
  #resources: Resources;
  #unwatchMemory = (): void => undefined;

  constructor(options: ContainerOptions) {
    this.#options = options;
    this.#resources = options.container.resources ?? {};
    this.#lastExit = options.former?.exit;
    this.#restartCount = options.former?.restartCount ?? 0;
    this.#mounts = makeMounts(options.container, {
      volumes: options.volumes,
      terminationLog: join(options.folder, 'termination-log'),
    });
    this.#probes = new ContainerProbes({
      ...options,
      onFatal: (graceMs) => {
        this.#process?.stop(graceMs);
      },
    });
  }

  observe(): ContainerObservation {
    const { name, image = '' } = this.#options.container;
    return {
      name,
      image,
      state: this.#state,
      lastExit: this.#lastExit,
      restartCount: this.#restartCount,
      isReady: this.#state.kind === 'running' && this.#probes.isReady,
      isStarted: this.#probes.isStarted,
      resources: this.#resources,
    };
  }

  /** In place, as `pods/resize` asks for: what runs goes on. */
  resize(resources: Resources): void {
    if (isDeepStrictEqual(resources, this.#resources)) {
      return;
    }
    this.#resources = resources;
    if (this.#process !== undefined) {
      this.#watchMemory(this.#process);
    }
    this.#options.onChange();
  }

  /** The log of this run, or of the one before it. */
  log(which: 'current' | 'previous'): ContainerLog | undefined {
    return this.#logs.at(which === 'current' ? -1 : -2);
  }

  /** Resolves when the container will not run again: told to stop, or done as its restart policy has it. */
  async run(): Promise<void> {
    const { folder } = this.#options;
    // Synchronous, as the termination log below: 0.1 ms, where each trip through the thread pool costs a cold start more.
    mkdirSync(join(folder, 'work'), { recursive: true });
    mkdirSync(join(folder, 'tmp'));
    try {
      await this.#runRepeatedly();
    } catch (error) {
      if (!isAbortError(error, this.#stop.signal)) {
        throw error;
      }
    }
  }

  /** SIGTERM now, SIGKILL after the grace, no restart. */
  stop(graceMs: number): void {
    this.#stop.abort(new Error('the container is stopped'));
    this.#process?.stop(graceMs);
  }

  /** Something that the container may have waited for has changed. */
  wake(): void {
    this.#change.notify();
  }

  async #runRepeatedly(): Promise<void> {
    const { signal } = this.#stop;
    const { former } = this.#options;
    if (former !== undefined && !this.#mayRestart(former.exit)) {
      this.#set({ kind: 'terminated', exit: former.exit });
      return;
    }
    const image = await this.#requireImage();
    for (;;) {
      const command = await this.#requireCommand(image);
      this.#warnOfMounts(command);
      signal.throwIfAborted();
      const exit = await this.#runOnce(command);
      this.#set({ kind: 'terminated', exit });
      if (signal.aborted || !this.#mayRestart(exit)) {
        return;
      }
      this.#lastExit = exit;
      await this.#backOff(exit);
      this.#restartCount += 1;
    }
  }

  #warnOfMounts({ told }: Command): void {
    const { pod, container } = this.#options;
    for (const mount of findUntoldMounts(pod, container, told)) {
      this.#warn(untoldMountReason, explainUntoldMount(mount));
    }
  }

  #mayRestart({ exitCode }: ContainerExit): boolean {
    const policy = this.#options.restartPolicy;
    return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
  }

  async #backOff(exit: ContainerExit): Promise<void> {
    const { clock, container, pod } = this.#options;
    const { pauseMs, memory } = decideRestart(this.#crashes, exit.finishedAt);
    this.#crashes = memory;
    const leftMs = exit.finishedAt + pauseMs - clock.now();
    if (leftMs <= 0) {
      return;
    }
    const { name, namespace = '', uid = '' } = pod.metadata;
    const who = `${name}_${namespace}(${uid})`;
    this.#set({
      kind: 'waiting',
      reason: 'CrashLoopBackOff',
      message: `back-off ${formatPause(pauseMs)} restarting failed container=${container.name} pod=${who}`,
    });
    this.#warn('BackOff', `Back-off restarting failed container ${container.name} in pod ${who}`);
    await clock.sleep(leftMs, this.#stop.signal);
  }

  /** The table does not change while the node runs: an image that is not in it never comes. */
  async #requireImage(): Promise<ImageCommand> {
    const { images, container, clock } = this.#options;
    const reference = container.image ?? '';
    const image = findImage(images, reference);
    if (image !== undefined) {
      this.#say('Pulled', `Container image "${reference}" already present on machine`);
      return image;
    }
    const message = makePullError(images, reference);
    this.#set({ kind: 'waiting', reason: 'ErrImagePull', message });
    this.#warn('Failed', `Failed to pull image "${reference}": ${message}`);
    await clock.sleep(pullRetryMs, this.#stop.signal);
    const backOff = `Back-off pulling image "${reference}": ErrImagePull: ${message}`;
    this.#set({ kind: 'waiting', reason: 'ImagePullBackOff', message: backOff });
    this.#warn('BackOff', `Back-off pulling image "${reference}"`);
    return this.#untilStopped();
  }

  async #requireCommand(image: ImageCommand): Promise<Command> {
    const { pod, container, sources, baseEnv, compileCache, folder } = this.#options;
    const { signal } = this.#stop;
    for (;;) {
      const changed = this.#change.next;
      try {
        return makeCommand({
          container: { ...container, resources: this.#resources },
          image,
          own: makeEnvironment(pod, container, sources),
          base: baseEnv,
          hostname: pod.metadata.name,
          folders: { work: join(folder, 'work'), temporary: join(folder, 'tmp'), compileCache },
          mounts: this.#mounts,
        });
      } catch (error) {
        if (!(error instanceof MissingSourceError)) {
          throw error;
        }
        this.#set({ kind: 'waiting', reason: 'CreateContainerConfigError', message: error.message });
        this.#warn('Failed', `Error: ${error.message}`);
      }
      await Promise.race([changed, this.#untilStopped()]);
      signal.throwIfAborted();
    }
  }

  async #untilStopped(): Promise<never> {
    const { signal } = this.#stop;
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => {
      resolve();
    });
    if (!signal.aborted) {
      await promise;
    }
    throw signal.reason as Error;
  }

  async #runOnce(command: Command): Promise<ContainerExit> {
    const { clock, folder, container } = this.#options;
    const startedAt = clock.now();
    const log = await this.#openLog();
    writeFileSync(join(folder, 'termination-log'), '');
    this.#say('Created', `Created container: ${container.name}`);
    let process: ProcessGroup;
    try {
      process = await ProcessGroup.start(command, clock);
    } catch (error) {
      await log.end();
      const message = `failed to start "${command.command[0] ?? ''}": ${errorMessage(error)}`;
      this.#warn('Failed', `Error: ${message}`);
      return {
        exitCode: 128,
        reason: 'ContainerCannotRun',
        message,
        startedAt,
        finishedAt: clock.now(),
        containerId: '',
      };
    }
    const containerId = `process://${process.pid}`;
    this.#isOutOfMemory = false;
    this.#process = process;
    this.#probes.start();
    this.#set({ kind: 'running', startedAt, containerId });
    this.#say('Started', `Started container ${container.name}`);
    const { exitCode } = await this.#supervise(process, log);
    const message = await this.#readMessage(exitCode, log);
    return { exitCode, reason: this.#reasonOf(exitCode), message, startedAt, finishedAt: clock.now(), containerId };
  }

  async #supervise(process: ProcessGroup, log: ContainerLog): Promise<{ readonly exitCode: number }> {
    if (this.#stop.signal.aborted) {
      // It was told to stop between the decision to start and the start.
      process.kill();
    }
    this.#watchMemory(process);
    try {
      const [end] = await Promise.all([
        process.ended,
        log.capture(process.stdout, 'stdout'),
        log.capture(process.stderr, 'stderr'),
        markProcess(this.#options.folder, process.pid),
      ]);
      return end;
    } finally {
      process.kill();
      this.#unwatchMemory();
      this.#probes.stop();
      this.#process = undefined;
      await log.end();
    }
  }

  #watchMemory(process: ProcessGroup): void {
    this.#unwatchMemory();
    const limitBytes = memoryLimitBytes({ resources: this.#resources });
    if (limitBytes === undefined) {
      return;
    }
    const onExceeded = (): void => {
      this.#isOutOfMemory = true;
      process.kill();
    };
    this.#unwatchMemory = this.#options.memory.add(process.pid, { limitBytes, onExceeded });
  }

  #reasonOf(exitCode: number): ContainerExit['reason'] {
    if (this.#isOutOfMemory) {
      return 'OOMKilled';
    }
    return exitCode === 0 ? 'Completed' : 'Error';
  }

  async #openLog(): Promise<ContainerLog> {
    const { folder, clock } = this.#options;
    const surplus = this.#logs.length > 1 ? this.#logs.shift() : undefined;
    if (surplus !== undefined) {
      await removeLog(surplus.file);
    }
    const log = new ContainerLog({ file: join(folder, `${this.#restartCount}.log`), clock });
    this.#logs.push(log);
    return log;
  }

  async #readMessage(exitCode: number, log: ContainerLog): Promise<string> {
    const written = await readFile(join(this.#options.folder, 'termination-log'));
    if (written.length > 0) {
      return written.subarray(0, longestMessageBytes).toString();
    }
    const isFallback = this.#options.container.terminationMessagePolicy === 'FallbackToLogsOnError';
    return isFallback && exitCode !== 0 ? log.tail : '';
  }

  #set(state: ContainerState): void {
    this.#state = state;
    this.#options.onChange();
  }

  #say(reason: string, note: string): void {
    this.#options.onEvent({ type: 'Normal', reason, action: 'SyncPod', note });
  }

  #warn(reason: string, note: string): void {
    this.#options.onEvent({ type: 'Warning', reason, action: 'SyncPod', note });
  }
}
