import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { functions } from '../../lib/api/resources.ts';
import type { Clock, Random } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { runAll } from '../../lib/lifecycle.ts';
import type { Logger } from '../../lib/log.ts';
import { type LocalCluster, startCluster } from './cluster.ts';
import { type ComponentAddresses, inheritedEnv, makeActivatorEnv, makeOperatorEnv } from './component-env.ts';
import { ComponentProcess } from './component-process.ts';
import { makeKubeconfig } from './kubeconfig.ts';
import { lockFolder } from './lock.ts';
import { applyAll, readManifest, readManifests } from './manifests.ts';
import type { LaunchOptions } from './options.ts';
import { reservePort } from './ports.ts';
import type { ReadyFile } from './ready-file.ts';
import { untilFunctionSettled, untilProcessReady } from './readiness.ts';

export interface LaunchDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The project's root. */
  readonly project: string;
  readonly env: NodeJS.ProcessEnv;
  /** Lines for the terminal: what a component printed, or what happened to one. */
  readonly onLine: (component: string, line: string) => void;
  readonly onCrash: (component: string, crash: { readonly how: string; readonly restartMs: number }) => void;
}

/** A Flint that runs on this machine. */
export interface LocalFlint {
  readonly ready: ReadyFile;
  readonly client: KubeClient;
  /** Rejects when a part failed, resolves after `stop`. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const componentStopMs = 5000;

/**
 * Starts the embedded cluster, operator and activator, applies the CRDs, the runtimes and `options.manifests`, and
 * resolves when all of it is ready.
 */
export async function launch(options: LaunchOptions, deps: LaunchDeps): Promise<LocalFlint> {
  const ports = await reservePorts(options);
  await mkdir(options.dataDir, { recursive: true });
  const unlock = await lockFolder(options.dataDir, process.pid);
  const tokens = await writeTokens(options.dataDir);
  const compileCache = join(deps.project, 'node_modules/.cache/flint');
  const cluster = await startCluster({
    ...deps,
    dataDir: options.dataDir,
    port: ports.api,
    tokens: Object.fromEntries(Object.entries(tokens).map(([user, token]) => [token, user])),
    baseEnv: inheritedEnv(deps.env),
  });
  const addresses: ComponentAddresses = {
    apiUrl: cluster.url,
    activatorPort: ports.functions,
    activatorAdminPort: ports.activatorAdmin,
    operatorAdminPort: ports.operatorAdmin,
    domains: options.domains,
    tokenFolder: options.dataDir,
    compileCache,
  };
  // Before anything watches: an unknown kind would cost every watch a back-off.
  await applyAll(cluster, await readManifests(join(deps.project, 'crds')));
  await applyAll(cluster, await readManifests(join(deps.project, 'local/manifests')));
  const components = makeComponents(addresses, options, deps);
  const stop = new AbortController();
  const running = runAll([...cluster.parts, ...components], stop.signal);
  const ended = running.finally(async () => {
    await cluster.close();
    await unlock();
  });
  // Whoever launches awaits it later; a failure before that must not end the process as unhandled.
  ended.catch(() => undefined);
  const kubeconfig = join(options.dataDir, 'kubeconfig');
  await writeFile(kubeconfig, makeKubeconfig({ url: `${cluster.url}/token/${tokens['admin'] ?? ''}` }), {
    mode: 0o600,
  });
  await Promise.race([untilEverythingReady({ cluster, addresses, options, deps }), ended]);
  const [operator, activator] = components;
  return {
    ready: {
      kubeconfig,
      url: `http://127.0.0.1:${ports.functions}`,
      apiUrl: cluster.url,
      activatorAdminUrl: `http://127.0.0.1:${ports.activatorAdmin}`,
      operatorAdminUrl: `http://127.0.0.1:${ports.operatorAdmin}`,
      domains: options.domains,
      processes: { operator: operator?.pid ?? 0, activator: activator?.pid ?? 0 },
    },
    client: cluster.client,
    ended,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

interface Ports {
  readonly functions: number;
  readonly api: number;
  readonly activatorAdmin: number;
  readonly operatorAdmin: number;
}

async function reservePorts(options: LaunchOptions): Promise<Ports> {
  return {
    functions: await reservePort(options.port, '--port', 'functions'),
    api: await reservePort(options.apiPort, '--api-port', 'the Kubernetes API'),
    activatorAdmin: await reservePort(0, '', ''),
    operatorAdmin: await reservePort(0, '', ''),
  };
}

/** User → token. Whoever can read the folder may do everything in this cluster. */
async function writeTokens(dataDir: string): Promise<Readonly<Record<string, string>>> {
  const tokens = Object.fromEntries(
    ['admin', 'operator', 'activator'].map((user) => [user, randomBytes(24).toString('hex')]),
  );
  for (const [user, token] of Object.entries(tokens)) {
    await writeFile(join(dataDir, `${user}.token`), token, { mode: 0o600 });
  }
  return tokens;
}

function makeComponents(addresses: ComponentAddresses, options: LaunchOptions, deps: LaunchDeps): ComponentProcess[] {
  const envs = { operator: makeOperatorEnv(addresses, deps.env), activator: makeActivatorEnv(addresses, deps.env) };
  return Object.entries(envs).map(
    ([name, env]) =>
      new ComponentProcess({
        name,
        env,
        entry: join(deps.project, name, 'main.ts'),
        logFile: join(options.dataDir, `${name}.log`),
        clock: deps.clock,
        stopGraceMs: componentStopMs,
        onLine: (line) => {
          deps.onLine(name, line);
        },
        onCrash: (crash) => {
          deps.onCrash(name, crash);
        },
      }),
  );
}

interface Launching {
  readonly cluster: LocalCluster;
  readonly addresses: ComponentAddresses;
  readonly options: LaunchOptions;
  readonly deps: LaunchDeps;
}

async function untilEverythingReady({ cluster, addresses, options, deps }: Launching): Promise<void> {
  const { clock } = deps;
  const { signal } = new AbortController();
  const files = cluster.isNew ? [...options.examples, ...options.manifests] : options.manifests;
  const objects: KubeObject[] = (await Promise.all(files.map(readManifest))).flat();
  await applyAll(cluster, objects);
  const own = objects.filter((object) => object.kind === functions.kind);
  await Promise.all([
    untilProcessReady(`http://127.0.0.1:${addresses.operatorAdminPort}`, clock, signal),
    untilProcessReady(`http://127.0.0.1:${addresses.activatorAdminPort}`, clock, signal),
    ...own.map(({ metadata }) =>
      untilFunctionSettled(
        cluster.client,
        { name: metadata.name, namespace: metadata.namespace ?? 'default' },
        { clock, signal },
      ),
    ),
  ]);
}
