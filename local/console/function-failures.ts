import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { labels } from '../../lib/api/names.ts';
import type { Clock, Random } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { splitLines } from '../../lib/kube/lines.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { isInvalid } from '../../lib/kube/status-error.ts';
import { silentLogger } from '../../lib/log.ts';
import type { LogSource } from '../api/log-source.ts';
import { renderFailure } from '../dev/log-lines.ts';
import { PodFollower } from './pod-follower.ts';

export interface FunctionFailuresDeps {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly logs: LogSource;
  readonly clock: Clock;
  readonly random: Random;
  readonly dataDir: string;
  readonly say: (line: string) => void;
}

const wholeLog = { follow: true, previous: false, timestamps: false };

/**
 * Says why functions answered 500 or ended, from their logs: those go with their replica, 30 s after the last request.
 * Until the signal.
 */
export async function followFunctionFailures(
  { dataDir, logs, say, ...deps }: FunctionFailuresDeps,
  signal: AbortSignal,
): Promise<void> {
  const positions = { volumes: join(await realpath(dataDir), 'volumes'), files: new Map<string, string>() };
  const follower = new PodFollower({
    ...deps,
    log: silentLogger,
    scope: { labelSelector: labels.function },
    open: (pod, container, ended) => splitLines(logs.open(pod, container, wholeLog, ended)),
    onLine: (pod, line) => {
      const text = renderFailure(line, { functionName: nameOf(pod), ...positions });
      if (text !== undefined) {
        say(text);
      }
    },
    onError: (pod, error) => {
      // A status of the last start says `running` until the kubelet has seen the Pod; there is no log before it runs again.
      if (!isInvalid(error)) {
        say(`the log of ${nameOf(pod)} (${pod.metadata.name}) cannot be read: ${errorMessage(error)}`);
      }
    },
  });
  await follower.run(signal);
}

function nameOf({ metadata: { name, namespace = '', labels: own } }: Pod): string {
  return `${namespace}/${own?.[labels.function] ?? name}`;
}
