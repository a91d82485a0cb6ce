import { load } from 'js-yaml';
import type { Clock, Random } from '../../lib/clock.ts';
import { splitLines } from '../../lib/kube/lines.ts';
import { objectPath } from '../../lib/kube/paths.ts';
import { pods } from '../../lib/kube/resources.ts';
import { Transport } from '../../lib/kube/transport.ts';
import type { OpenLog } from '../console/pod-follower.ts';

export interface LogDeps {
  readonly clock: Clock;
  readonly random: Random;
}

export interface LogStream {
  readonly open: OpenLog;
  readonly close: () => Promise<void>;
}

/** Over HTTP, as `kubectl logs --follow` reads them. @param kubeconfig its text */
export function createLogStream(kubeconfig: string, deps: LogDeps): LogStream {
  const transport = new Transport({ ...deps, connection: { url: serverOf(kubeconfig) }, userAgent: 'flint-dev' });
  return {
    open: async function* (pod, container, signal) {
      const path = `${objectPath(pods, pod.metadata)}/log?container=${container}&follow=true`;
      const response = await transport.open({ method: 'GET', path, idempotent: true, signal });
      yield* splitLines(response.body);
    },
    close: () => transport.close(),
  };
}

/** The embedded cluster's kubeconfig has one cluster, and no credentials but in its URL. */
function serverOf(kubeconfig: string): string {
  const { clusters } = load(kubeconfig) as { clusters?: { cluster: { server: string } }[] };
  const server = clusters?.[0]?.cluster.server;
  if (server === undefined) {
    throw new Error('the kubeconfig of the embedded cluster names no server');
  }
  return server;
}
