import { availableParallelism, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Clock, Random } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { EventRecorder } from '../../lib/kube/event-recorder.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';
import type { Runnable } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import { EventExpiry } from '../api/core/event-expiry.ts';
import type { LogSource } from '../api/log-source.ts';
import { createApiServer } from '../api/server.ts';
import { forgetfulJournal } from '../api/storage/journal.ts';
import { openSqliteJournal } from '../api/storage/sqlite-journal.ts';
import type { TokenTable } from '../api/token-table.ts';
import { createClusterParts } from '../controllers/cluster-parts.ts';
import { createInitialNamespaces } from '../controllers/namespaces/namespace-controller.ts';
import type { ImageTable } from '../node/images.ts';
import { EmbeddedNode } from '../node/node.ts';

export interface ClusterOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Holds the node's files, and the state of the cluster where it is kept. */
  readonly dataDir: string;
  /** Goes on where a former run ended; otherwise what happens here is in memory only. */
  readonly keepsState: boolean;
  readonly port: number;
  readonly tokens: TokenTable;
  readonly images: ImageTable;
  /** What Pods see of this machine's environment. */
  readonly baseEnv: Readonly<Record<string, string>>;
}

export interface LocalCluster {
  readonly url: string;
  readonly client: KubeClient;
  readonly logs: LogSource;
  /** There was no state in the folder. */
  readonly isNew: boolean;
  /** Controllers, scheduler and node, to be run until the cluster ends. */
  readonly parts: readonly Runnable[];
  resourceOf(object: KubeObject): Resource;
  close(): Promise<void>;
}

const nodeName = 'local';
const mostPods = 500;

/** In the data folder; SQLite keeps a `-wal` and a `-shm` file beside it. */
const stateFile = 'state.sqlite';

/**
 * The embedded cluster: API server, controllers and one node.
 * @throws StateFileError when the folder's state cannot be used
 */
export async function startCluster(options: ClusterOptions): Promise<LocalCluster> {
  const node = new EmbeddedNode({
    ...options,
    description: {
      name: nodeName,
      capacity: { cpu: availableParallelism(), memoryBytes: totalmem(), pods: mostPods },
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      operatingSystem: process.platform,
      osName: type(),
      kernelVersion: release(),
      version: 'v1.36.0+flint',
    },
  });
  const journal = options.keepsState ? openSqliteJournal(join(options.dataDir, stateFile)) : forgetfulJournal;
  const api = createApiServer({
    ...options,
    podAdmission: node.admission,
    logs: node.logs,
    storage: { journal },
  });
  const { client } = api;
  const isNew = api.core.storage.version <= 1;
  await createInitialNamespaces(client);
  const { url } = await api.listen(options.port, '127.0.0.1');
  const events = new EventRecorder({
    ...options,
    client,
    controller: 'flint.dev/embedded-cluster',
    instance: nodeName,
  });
  return {
    url,
    client,
    logs: node.logs,
    isNew,
    parts: [...createClusterParts({ ...options, client, events, node }), new EventExpiry(api.core, options.clock)],
    resourceOf: (object) => api.core.registry.kindOf(object),
    close: async () => {
      await api.close();
      journal.close();
    },
  };
}
