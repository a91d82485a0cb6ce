import { Kubectl, type KubectlTarget } from './kubectl.ts';
import { eventually } from './patience.ts';

/**
 * A Flint to tell stories against, as plain data: the set-up that starts it lives in another process than the stories.
 * Nothing in a story may depend on which kind it is.
 */
export interface Target extends KubectlTarget {
  readonly kind: TargetKind;
  /** Where the activator answers for functions, as `127.0.0.1:8080`; the `Host` header says which function. */
  readonly endpoint: { readonly host: string; readonly port: number };
  /** Functions answer at `NAME.NAMESPACE.DOMAIN`. */
  readonly domain: string;
  /** Base of the activator's `/metrics`; undefined where its Pod has it on a port of this machine, another one in each Pod. */
  readonly activatorAdmin: string | undefined;
}

/** A target that this run started. */
export interface StartedTarget {
  readonly target: Target;
  stop(): Promise<void>;
}

/** Thrown when a target cannot be here; the stories are skipped, and say so. */
export class TargetUnavailableError extends Error {
  override readonly name = 'TargetUnavailableError';
}

const targetKinds = ['local', 'kubeconfig', 'bed', 'k3s'] as const;
export type TargetKind = (typeof targetKinds)[number];

/** @throws Error naming the choices. */
export function parseTargetKind(text: string | undefined): TargetKind {
  const wanted = text === undefined || text === '' ? 'local' : text;
  const kind = targetKinds.find((candidate) => candidate === wanted);
  if (kind === undefined) {
    throw new Error(`E2E_TARGET is '${wanted}': expected one of ${targetKinds.join(', ')}`);
  }
  return kind;
}

/** Takes every operator away, and waits until they are gone; the returned function brings them back. */
export async function stopOperator(target: Target): Promise<() => Promise<void>> {
  const kubectl = new Kubectl(target, 'flint-system');
  const selector = '--selector=app.kubernetes.io/component=operator';
  const before = await kubectl.run('get', 'deployments', selector, '--output=jsonpath={.items[0].spec.replicas}');
  const scale = async (replicas: string): Promise<void> => {
    await kubectl.run('scale', 'deployment', selector, `--replicas=${replicas}`);
    await eventually(`${replicas} operators run`, async () => {
      const pods = await kubectl.run(
        'get',
        'pods',
        selector,
        '--output=jsonpath={range .items[*]}{.metadata.name} {end}',
      );
      const running = pods.split(' ').filter((pod) => pod !== '').length;
      return running === Number(replicas) ? true : Promise.reject(new Error(pods));
    });
  };
  await scale('0');
  return () => scale(before);
}

/** Starts operator and activator anew, with these variables besides their own, and waits until they run. */
export async function setComponentEnv(target: Target, env: Readonly<Record<string, string>>): Promise<void> {
  const kubectl = new Kubectl(target, 'flint-system');
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  for (const component of ['operator', 'activator']) {
    const deployment = `deployment/flint-${component}`;
    await kubectl.run('set', 'env', deployment, ...variables);
    await kubectl.run('rollout', 'status', deployment, '--timeout=120s');
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Absent when there is no target on this machine. */
    target: Target;
    /** Why there is none. */
    unavailable: string;
  }
}
