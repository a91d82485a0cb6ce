import { functionDefaults } from '../../lib/api/defaults.ts';
import type { FunctionSpec } from '../../lib/api/function.ts';
import { functions, revisions } from '../../lib/api/resources.ts';
import type { Revision } from '../../lib/api/revision.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { configMaps, deployments, leases, pods, type Resource, services } from '../../lib/kube/resources.ts';
import { ignoreNotFound, StatusError } from '../../lib/kube/status-error.ts';
import { isReady } from '../../operator/controllers/function/decide.ts';
import { crashedStatus, readyStatus } from './manifests.ts';
import type { ObservedCall } from './observed-client.ts';
import type { OperatorProcess } from './process.ts';
import type { Command } from './simulation-commands.ts';
import { expired, takeSnapshot } from './watch-faults.ts';
import { essenceOf, OperatorWorld } from './world.ts';

export type Spec = Partial<FunctionSpec> & Pick<FunctionSpec, 'source'>;

const env = { FLINT_LEADER_ELECTION: 'true', FLINT_NAMESPACE: 'default' };
const children: readonly Resource[] = [revisions, deployments, configMaps, services];
const watched: readonly Resource[] = [functions, ...children, pods];
/** As a kube-controller-manager and a kubelet would, once in a while. */
const roundMs = 100;
/** Longer than a lease, than the reflector's longest pause, than what a refused child waits before it is tried again. */
const healMs = 90_000;

type Does = { readonly [K in Command['do']]: (command: Extract<Command, { do: K }>) => Promise<void> | void };

/** Two operators, one of them leading, and whatever happens to them and around them. */
export class Simulation {
  readonly world: OperatorWorld;
  /** What was done to an object that was not the operator's (I3). */
  readonly trespasses: string[] = [];
  /** Statuses that were written over newer ones. */
  readonly regressions: string[] = [];
  /** The specs as last applied, by function. */
  readonly wanted = new Map<string, Spec>();
  readonly #specs: readonly Spec[];
  /** Uids of all functions that ever were, and of their Revisions. */
  readonly #owners = new Set<string | undefined>();
  #snapshot: Awaited<ReturnType<typeof takeSnapshot>> | undefined;

  private constructor(world: OperatorWorld, specs: readonly Spec[]) {
    this.world = world;
    this.#specs = specs;
    world.witness = (call) => this.#judge(call);
  }

  static async start(specs: readonly Spec[]): Promise<Simulation> {
    const world = await OperatorWorld.start(env);
    world.startOperator();
    await world.settle();
    return new Simulation(world, specs);
  }

  async run(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      await (this.#does[command.do] as (command: Command) => Promise<void> | void)(command);
      await this.world.clock.advance(1);
    }
  }

  /** Everything works again, and the last specs are wanted, unpaused. */
  async heal(): Promise<void> {
    this.world.fault = () => undefined;
    this.world.lostAnswer = () => undefined;
    for (const operator of this.world.operators) {
      operator.limit = undefined;
      operator.watches.copies = 1;
      operator.watches.release();
      operator.continue();
    }
    // One that stood still learns only now that it leads no more, and ends.
    await this.#pass(healMs);
    await this.#restart();
    for (const [name, { paused: _, ...spec }] of this.wanted) {
      this.wanted.set(name, spec);
      await this.#apply(name, spec);
    }
    for (const pod of await this.world.all(pods)) {
      await this.world.client.delete(pods, pod.metadata, { gracePeriodSeconds: 0 });
    }
    await this.#pass(healMs);
    for (const name of this.wanted.keys()) {
      await this.#prove(name);
    }
    await this.#pass(healMs);
  }

  /** What a user of this function sees, and what runs for it. */
  async outcomeOf(name: string): Promise<unknown> {
    const found = await Promise.all(children.map((resource) => this.world.all<KubeObject>(resource)));
    if (!this.wanted.has(name)) {
      return found.flat().filter(({ metadata }) => metadata.labels?.['flint.dev/function'] === name);
    }
    const fn = await this.world.fn(name);
    const latest = fn.status?.latestCreatedRevision ?? name;
    const own = found.flat().filter(({ metadata }) => metadata.name === latest || metadata.name === name);
    const isCurrent = fn.status?.observedGeneration === fn.metadata.generation;
    const history = (await this.world.all(revisions)).filter(
      ({ metadata, spec }) => spec.functionName === name && metadata.name !== latest,
    );
    const isHistoryKept = history.length <= (fn.spec.revisionHistoryLimit ?? functionDefaults.revisionHistoryLimit);
    return [fn, ...own]
      .map(essenceOf)
      .concat({ latest, isCurrent, isHistoryKept, hasUnproven: !history.every(isReady) });
  }

  /** Writes of the operators but for the renewals of their Lease. */
  get writes(): readonly string[] {
    return this.world.writes.filter((write) => !write.includes(` ${leases.kind}/`));
  }

  /** All operators anew: they look at everything once more. */
  async replaceOperators(): Promise<void> {
    await this.world.stopOperator();
    await this.#restart();
    await this.#pass(healMs);
  }

  async end(): Promise<void> {
    await this.world.stopOperator();
  }

  readonly #does: Does = {
    apply: ({ fn, spec }) => {
      const chosen = this.#specs[spec];
      if (chosen === undefined) {
        throw new Error(`there is no spec ${spec}`);
      }
      this.wanted.set(fn, chosen);
      return this.#apply(fn, chosen);
    },
    delete: async ({ fn }) => {
      this.wanted.delete(fn);
      await this.world.client.delete(functions, { namespace: 'shop', name: fn }).catch(ignoreNotFound);
    },
    'pod-ready': ({ fn }) => this.#report(fn, readyStatus),
    'pod-fails': ({ fn }) => this.#report(fn, crashedStatus(1, 'Error: boom')),
    'pod-goes': async ({ fn }) => {
      const revision = await this.#latestOf(fn);
      await (revision === undefined ? undefined : this.world.removePod(revision).catch(ignoreNotFound));
    },
    'collect-garbage': () => this.world.collectGarbage(),
    'delete-child': async () => {
      const [child] = (await this.world.all(deployments)).filter(({ metadata }) => metadata.labels !== undefined);
      await (child === undefined ? undefined : this.world.client.delete(deployments, child.metadata));
    },
    pass: ({ ms }) => this.#pass(ms),
    die: ({ afterCalls }) => {
      this.#leader.limit = { calls: afterCalls, then: 'die' };
    },
    stop: ({ afterCalls }) => {
      this.#leader.limit = { calls: afterCalls, then: 'stop' };
    },
    continue: () => {
      this.world.operators.forEach((operator) => {
        operator.continue();
      });
    },
    restart: () => this.#restart(),
    'restart-in-the-past': async () => {
      await this.#leader.kill();
      this.world.startOperator(this.#snapshot);
      await this.#pass(0);
    },
    'take-snapshot': async () => {
      this.#snapshot = await takeSnapshot(this.world.client, watched);
    },
    refuse: ({ code, calls }) => {
      let left = calls;
      const error = new StatusError({
        code,
        reason: code === 409 ? 'Conflict' : code === 429 ? 'TooManyRequests' : 'InternalError',
        message: 'not now',
        ...(code === 429 ? { retryAfterSeconds: 1 } : {}),
      });
      this.world.fault = () => (left-- > 0 ? error : undefined);
    },
    'lose-answers': ({ calls }) => {
      let left = calls;
      this.world.lostAnswer = () => (left-- > 0 ? new Error('read ECONNRESET') : undefined);
    },
    'break-watches': ({ how }) => {
      this.world.operators.forEach(({ watches }) => {
        watches.end(how === 'expired' ? expired : new Error('read ECONNRESET'));
      });
    },
    'hold-watches': () => {
      this.world.operators.forEach(({ watches }) => {
        watches.hold();
      });
    },
    'release-watches': () => {
      this.world.operators.forEach(({ watches }) => {
        watches.release();
      });
    },
    compact: () => {
      this.world.compact();
    },
    'repeat-events': ({ copies }) => {
      this.world.operators.forEach(({ watches }) => {
        watches.copies = copies;
      });
    },
  };

  /** The eldest that lives: the one that leads unless it stood still. */
  get #leader(): OperatorProcess {
    return this.world.operators.find(({ isRunning }) => isRunning) ?? this.world.startOperator();
  }

  /** As a Deployment does: two operators, whatever became of those before. */
  async #restart(): Promise<void> {
    while (this.world.operators.filter(({ isRunning }) => isRunning).length < 2) {
      this.world.startOperator();
    }
    await this.world.clock.advance(1);
  }

  async #apply(name: string, spec: Spec): Promise<void> {
    const { metadata } = await this.world.applyFunction(name, spec);
    this.#owners.add(metadata.uid);
  }

  /** Time, and what others do in it. */
  async #pass(ms: number): Promise<void> {
    await this.world.clock.advance(Math.min(ms, roundMs));
    await this.world.collectGarbage();
    await this.world.clock.advance(Math.max(0, ms - roundMs));
  }

  async #prove(name: string): Promise<void> {
    await this.#report(name, readyStatus);
  }

  async #report(name: string, status: Parameters<OperatorWorld['reportPod']>[1]): Promise<void> {
    const revision = await this.#latestOf(name);
    await (revision === undefined ? undefined : this.world.reportPod(revision, status));
  }

  async #latestOf(name: string): Promise<Revision | undefined> {
    return this.world.latest(name).catch(ignoreNotFound);
  }

  /** I3, before each call: what it is about is named by its uid, and has the controller that the operator takes it to have. */
  async #judge(call: ObservedCall): Promise<void> {
    const { verb, resource, subject, options } = call;
    const isJudged = (verb === 'delete' || verb === 'apply') && options.dryRun !== true;
    const name = subject.metadata?.name ?? subject.name ?? '';
    const live = isJudged
      ? (await this.world.all<KubeObject>(resource)).find(({ metadata }) => metadata.name === name)
      : undefined;
    const meant = verb === 'delete' ? options.uid : subject.metadata?.uid;
    // One that was meant for another uid the API refuses.
    const isHit = live !== undefined && (meant === undefined || meant === live.metadata.uid);
    if (isHit && goesBack(live, subject)) {
      this.regressions.push(`${verb} ${resource.kind}/${name}`);
    }
    if (isHit && (meant === undefined || !this.#mayTouch(live, call))) {
      this.trespasses.push(`${verb} ${resource.kind}/${name}`);
    }
  }

  /** A Function is the user's: of that only the status is ours. */
  #mayTouch(live: KubeObject, { verb, subject, options }: ObservedCall): boolean {
    const controller = controllerUid(live);
    if (verb === 'delete') {
      return this.#owners.has(controller);
    }
    return options.subresource === 'status'
      ? live.kind === functions.kind || this.#owners.has(controller)
      : controller !== undefined && controller === controllerUid(subject);
  }
}

/** A status of an older generation than the one that is there, and that the API would take. */
function goesBack(live: KubeObject, { metadata, status }: ObservedCall['subject']): boolean {
  const { observedGeneration: before = 0 } = (live as ObservedCall['subject']).status ?? {};
  const isTaken = metadata?.resourceVersion === undefined || metadata.resourceVersion === live.metadata.resourceVersion;
  return isTaken && status?.observedGeneration !== undefined && status.observedGeneration < before;
}

function controllerUid({ metadata }: ObservedCall['subject']): string | undefined {
  return metadata?.ownerReferences?.find(({ controller }) => controller === true)?.uid;
}
