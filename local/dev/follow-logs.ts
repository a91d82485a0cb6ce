import { functionContainer, labels } from '../../lib/api/names.ts';
import type { Clock, Random } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { Reflector } from '../../lib/kube/reflector.ts';
import { pods } from '../../lib/kube/resources.ts';
import { silentLogger } from '../../lib/log.ts';
import type { OpenLog } from './log-stream.ts';

export interface FollowLogsDeps {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly namespace: string;
  readonly open: OpenLog;
  readonly onLine: (functionName: string, line: string) => void;
  readonly say: (line: string) => void;
}

/** Hands over every line that the functions' containers print, each run of a container once. Until the signal. */
export async function followLogs(deps: FollowLogsDeps, signal: AbortSignal): Promise<void> {
  const { client, clock, random, namespace } = deps;
  const reflector = new Reflector({
    client,
    clock,
    random,
    namespace,
    resource: pods,
    labelSelector: labels.function,
    log: silentLogger,
  });
  /** By uid, the run of the container that was followed last. */
  const followed = new Map<string, number>();
  reflector.onChange(({ type, object }) => {
    const { uid = '' } = object.metadata;
    const run = runOf(object);
    if (type === 'delete') {
      followed.delete(uid);
    } else if (run !== undefined && run > (followed.get(uid) ?? -1)) {
      followed.set(uid, run);
      void followOne(deps, object, signal);
    }
  });
  await reflector.run(signal);
}

/** 0 for the first run of the container, 1 after its first restart; undefined while it has not started. */
export function runOf(pod: Pod): number | undefined {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === functionContainer);
  if (status?.state?.running === undefined && status?.state?.terminated === undefined) {
    return undefined;
  }
  return status.restartCount;
}

async function followOne({ open, onLine, say }: FollowLogsDeps, pod: Pod, signal: AbortSignal): Promise<void> {
  const name = pod.metadata.labels?.[labels.function] ?? pod.metadata.name;
  try {
    for await (const line of open(pod, signal)) {
      onLine(name, line);
    }
  } catch (error) {
    if (!signal.aborted) {
      say(`the log of ${name} (${pod.metadata.name}) cannot be read: ${errorMessage(error)}`);
    }
  }
}
