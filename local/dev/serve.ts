import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { labels } from '../../lib/api/names.ts';
import { functions } from '../../lib/api/resources.ts';
import type { FunctionObject } from '../../lib/api/function.ts';
import type { Clock, Random } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/errors.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { type Change, Reflector } from '../../lib/kube/reflector.ts';
import { untilAborted } from '../../lib/lifecycle.ts';
import { silentLogger } from '../../lib/log.ts';
import { PodFollower } from '../console/pod-follower.ts';
import type { LocalFlint } from '../launch/launch.ts';
import { FunctionApplier, namespace } from './apply.ts';
import { shorten } from './banner.ts';
import { DevFunction } from './dev-function.ts';
import { renderLog } from './log-lines.ts';
import { createLogStream, type LogStream } from './log-stream.ts';
import type { PlannedFunction } from './plan.ts';
import type { PositionContext } from './positions.ts';
import { renderState, stateOf, Teller } from './states.ts';
import { watchSource } from './watch.ts';

export interface ServeDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly dataDir: string;
  readonly envFile: string | undefined;
  readonly cwd: string;
  readonly say: (line: string) => void;
}

/**
 * Applies the functions and keeps them as they are on disk until the signal; says what they log and how they fare.
 * @returns once each of them runs, or has told why it does not
 */
export async function serve(
  flint: Pick<LocalFlint, 'client' | 'ready'>,
  planned: readonly PlannedFunction[],
  deps: ServeDeps,
  signal: AbortSignal,
): Promise<void> {
  const served = planned.map(({ objects, read }) => {
    return new DevFunction(objects, { ...deps, read, applier: new FunctionApplier(flint.client) });
  });
  const byName = new Map(served.map((fn) => [fn.name, fn]));
  const volumes = join(await realpath(deps.dataDir), 'volumes');
  const positions = (fn: DevFunction | undefined): PositionContext => ({
    volumes,
    files: new Map([...(fn?.files ?? [])].map(([name, path]) => [name, shorten(path, deps.cwd)])),
  });

  const logs = createLogStream(await readFile(flint.ready.kubeconfig, 'utf8'), deps);
  const alone = new Set(planned.flatMap(({ kind, objects }) => (kind === 'file' ? [objects.fn.metadata.name] : [])));
  const following = { ...deps, client: flint.client, byName, alone, positions };
  void followLogs({ ...following, logs }, signal);
  const settled = followStates(following, signal);
  await Promise.all(served.map((fn) => fn.changed()));
  watchAll(planned, served, deps, signal);
  await settled;
}

interface FollowDeps extends ServeDeps {
  readonly client: LocalFlint['client'];
  readonly byName: ReadonlyMap<string, DevFunction>;
  /** Names of those that are one file. */
  readonly alone: ReadonlySet<string>;
  readonly positions: (fn: DevFunction | undefined) => PositionContext;
}

/** Says what the functions print. Until the signal. */
async function followLogs(
  { client, clock, random, say, byName, positions, logs }: FollowDeps & { readonly logs: LogStream },
  signal: AbortSignal,
): Promise<void> {
  const nameOf = ({ metadata }: Pod): string => metadata.labels?.[labels.function] ?? metadata.name;
  const follower = new PodFollower({
    client,
    clock,
    random,
    log: silentLogger,
    scope: { namespace, labelSelector: labels.function },
    open: logs.open,
    onLine: (pod, line) => {
      const functionName = nameOf(pod);
      const text = renderLog(line, { functionName, ...positions(byName.get(functionName)) });
      if (text !== undefined) {
        say(text);
      }
    },
    onError: (pod, error) => {
      say(`the log of ${nameOf(pod)} (${pod.metadata.name}) cannot be read: ${errorMessage(error)}`);
    },
  });
  await follower.run(signal);
  await logs.close();
}

/** Says each change for the better or worse. @returns once every function had one */
async function followStates(deps: FollowDeps, signal: AbortSignal): Promise<void> {
  const { client, clock, random, say, byName, alone, positions } = deps;
  const reflector = new Reflector({ client, clock, random, namespace, resource: functions, log: silentLogger });
  const tellers = new Map([...byName.keys()].map((name) => [name, new Teller()]));
  const unsettled = new Set(byName.keys());
  const { promise, resolve } = Promise.withResolvers<void>();
  reflector.onChange((change: Change<FunctionObject>) => {
    const functionName = change.object.metadata.name;
    const fn = byName.get(functionName);
    const state = change.type === 'set' ? stateOf(change.object) : undefined;
    if (fn === undefined || state === undefined || tellers.get(functionName)?.isNew(state) !== true) {
      return;
    }
    const time = new Date(clock.now()).toISOString();
    const isAlone = alone.has(functionName);
    say(renderState(state, { functionName, time, isAlone, sinceSaveMs: fn.takeSinceSaveMs(), ...positions(fn) }));
    unsettled.delete(functionName);
    if (unsettled.size === 0) {
      resolve();
    }
  });
  void reflector.run(signal);
  await untilAborted(promise, signal);
}

function watchAll(
  planned: readonly PlannedFunction[],
  served: readonly DevFunction[],
  { clock, envFile, say }: ServeDeps,
  signal: AbortSignal,
): void {
  const onError = (error: Error): void => {
    say(`watching for changes failed: ${error.message}; start again to see them`);
  };
  const watches = planned.map((source, index) => {
    return watchSource(source, { clock, onError, onChange: () => void served[index]?.changed() });
  });
  if (envFile !== undefined) {
    const onChange = (): void => {
      served.forEach((fn) => void fn.changed());
    };
    watches.push(watchSource({ path: envFile, kind: 'file' }, { clock, onError, onChange }));
  }
  const stopAll = (): void => {
    watches.forEach((stop) => {
      stop();
    });
  };
  signal.addEventListener('abort', stopAll, { once: true });
  if (signal.aborted) {
    stopAll();
  }
}
