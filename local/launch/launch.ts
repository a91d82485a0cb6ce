import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { functions, runtimes } from '../../lib/api/resources.ts';
import type { Clock, Random } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { runAll } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import type { LogSource } from '../api/log-source.ts';
import { TokenTable } from '../api/token-table.ts';
import type { CrashRecord } from '../console/lines.ts';
import { type LocalCluster, startCluster } from './cluster.ts';
import { ComponentFollower } from './component-follower.ts';
import { takeDataFolder } from './data-folder.ts';
import { makeImages } from './images.ts';
import { inheritedEnv } from './inherited-env.ts';
import { adaptToMachine, readInstallation, shippedRuntimes } from './installation.ts';
import { makeKubeconfig } from './kubeconfig.ts';
import { applyAll, readManifest, withLastApplied } from './manifests.ts';
import type { LaunchOptions } from './options.ts';
import { reservePort } from './ports.ts';
import type { ReadyFile } from './ready-file.ts';
import {
  type Patience,
  type RunningComponent,
  untilComponentReady,
  untilExists,
  untilFunctionSettled,
} from './readiness.ts';

export interface LaunchDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The project's root. */
  readonly project: string;
  readonly env: NodeJS.ProcessEnv;
  /** Every line that a component prints. */
  readonly onLine: (component: string, line: string) => void;
  readonly onCrash: (component: string, crash: CrashRecord) => void;
  /** Ends all of it, at any time: also while it still starts. */
  readonly signal: AbortSignal;
}

/** A Flint that runs on this machine. To dispose of it ends whatever of it still runs, whatever became of it. */
export interface LocalFlint extends AsyncDisposable {
  readonly ready: ReadyFile;
  readonly client: KubeClient;
  /** What containers print. */
  readonly logs: LogSource;
  /** Rejects when a part failed, resolves once everything has ended because the signal said so. */
  readonly ended: Promise<void>;
}

/**
 * Starts the embedded cluster, installs in it what the chart installs, applies `options.manifests`, and resolves when all of it
 * is ready. Nothing runs any more when it rejects.
 */
export async function launch(options: LaunchOptions, deps: LaunchDeps): Promise<LocalFlint> {
  // Before anything starts, which takes a while: a file may not be there.
  const manifests = { own: await readAll(options.manifests), examples: await readAll(options.examples) };
  await using held = new AsyncDisposableStack();
  held.defer(await takeDataFolder(options.dataDir, deps));
  // Not before: what holds them may be a former run's, or the Flint that has this folder.
  const ports = await reservePorts(options);
  const installation = await readInstallation(deps.project);
  const tokens = new TokenTable(() => randomBytes(24).toString('hex'));
  const cluster = await startCluster({
    ...deps,
    dataDir: options.dataDir,
    keepsState: options.keepsState,
    port: ports.api,
    tokens,
    images: makeImages(installation, {
      project: deps.project,
      apiUrl: `http://127.0.0.1:${ports.api}`,
      execPath: process.execPath,
    }),
    baseEnv: inheritedEnv(deps.env),
  });
  held.defer(() => cluster.close());
  const kubeconfig = join(options.dataDir, 'kubeconfig');
  await writeFile(kubeconfig, makeKubeconfig({ url: `${cluster.url}/token/${tokens.add('admin')}` }), { mode: 0o600 });
  // Before anything watches: an unknown kind would cost every watch a back-off.
  const settings = { functionsPort: ports.functions, domains: options.domains };
  await applyAll(cluster, adaptToMachine(installation, settings));
  const disposed = new AbortController();
  const signal = AbortSignal.any([deps.signal, disposed.signal]);
  const running = runAll([...cluster.parts, new ComponentFollower({ ...deps, ...cluster })], signal);
  const taken = held.move();
  const ended = running.finally(() => taken.disposeAsync());
  // Whoever launches awaits it later; a failure before that must not end the process as unhandled.
  ended.catch(() => undefined);
  const start = { cluster, installation, manifests, patience: { clock: deps.clock, signal } };
  // The processes of pods lead groups of their own and would outlive this one.
  const end = async (): Promise<void> => {
    disposed.abort();
    await ended.catch(() => undefined);
  };
  const components = await Promise.race([untilEverythingReady(start), ended.then(neverReady)]).catch(
    async (error: unknown) => {
      await end();
      throw error;
    },
  );
  return {
    ready: {
      kubeconfig,
      url: `http://127.0.0.1:${ports.functions}`,
      apiUrl: cluster.url,
      activatorAdminUrl: components.activator.adminUrl,
      operatorAdminUrl: components.operator.adminUrl,
      domains: options.domains,
      processes: { operator: components.operator.pid, activator: components.activator.pid },
    },
    client: cluster.client,
    logs: cluster.logs,
    ended,
    [Symbol.asyncDispose]: end,
  };
}

function neverReady(): never {
  throw new Error('the cluster ended before it was ready');
}

async function readAll(files: readonly string[]): Promise<KubeObject[]> {
  return (await Promise.all(files.map(readManifest))).flat();
}

interface Ports {
  readonly functions: number;
  readonly api: number;
}

async function reservePorts(options: LaunchOptions): Promise<Ports> {
  return {
    functions: await reservePort(options.port, '--port', 'functions'),
    api: await reservePort(options.apiPort, '--api-port', 'the Kubernetes API'),
  };
}

interface Start {
  readonly cluster: LocalCluster;
  readonly installation: readonly KubeObject[];
  /** Examples are for a new cluster only. */
  readonly manifests: { readonly own: readonly KubeObject[]; readonly examples: readonly KubeObject[] };
  readonly patience: Patience;
}

interface Components {
  readonly operator: RunningComponent;
  readonly activator: RunningComponent;
}

async function untilEverythingReady(start: Start): Promise<Components> {
  const { client } = start.cluster;
  const [operator, activator] = await Promise.all([
    untilComponentReady(client, 'operator', start.patience),
    untilComponentReady(client, 'activator', start.patience),
    applyManifests(start),
  ]);
  return { operator, activator };
}

/** Once there are Runtimes: a Function that is applied before them would be reported as broken first. */
async function applyManifests({ cluster, installation, manifests, patience }: Start): Promise<void> {
  const { client } = cluster;
  const examples = cluster.isNew ? manifests.examples : [];
  for (const { metadata } of shippedRuntimes(installation)) {
    await untilExists(client, runtimes, metadata, patience);
  }
  // A page has the reader apply them again.
  await applyAll(cluster, examples, withLastApplied);
  await applyAll(cluster, manifests.own);
  const own = [...examples, ...manifests.own].filter((object) => object.kind === functions.kind);
  await Promise.all(
    own.map(({ metadata }) => untilFunctionSettled(client, { namespace: 'default', ...metadata }, patience)),
  );
}
