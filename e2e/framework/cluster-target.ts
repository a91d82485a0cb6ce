import { join } from 'node:path';
import { extractTool } from '../../local/kubectl/extract.ts';
import { project } from './local-target.ts';
import type { Target } from './target.ts';

/** Where things are in a cluster that somebody else brought up and installed Flint in. */
export interface ClusterEnvironment {
  /** `KUBECONFIG`. */
  readonly kubeconfig: string;
  /** `E2E_ENDPOINT`: `HOST:PORT` of the activator for functions, as this machine reaches it. */
  readonly endpoint: string;
  /** `E2E_ACTIVATOR_ADMIN`: base URL of the activator's `/metrics`. */
  readonly activatorAdmin: string;
  /** `E2E_DOMAIN`, one of the domains that the activator serves. */
  readonly domain: string;
}

/** @throws Error naming every variable that is missing. */
export function readClusterEnvironment(env: NodeJS.ProcessEnv): ClusterEnvironment {
  const wanted = {
    kubeconfig: 'KUBECONFIG',
    endpoint: 'E2E_ENDPOINT',
    activatorAdmin: 'E2E_ACTIVATOR_ADMIN',
    domain: 'E2E_DOMAIN',
  };
  const missing = Object.values(wanted).filter((name) => (env[name] ?? '') === '');
  if (missing.length > 0) {
    throw new Error(`E2E_TARGET=kubeconfig also needs ${missing.join(', ')}: see CONTRIBUTING.md`);
  }
  const read = (name: string): string => env[name] ?? '';
  return {
    kubeconfig: read(wanted.kubeconfig),
    endpoint: read(wanted.endpoint),
    activatorAdmin: read(wanted.activatorAdmin),
    domain: read(wanted.domain),
  };
}

export async function makeClusterTarget(kind: Target['kind'], environment: ClusterEnvironment): Promise<Target> {
  const { hostname: host, port } = new URL(`http://${environment.endpoint}`);
  return {
    kind,
    kubeconfig: environment.kubeconfig,
    kubectl: await extractTool('kubectl', { project, tools: join(project, '.tools') }),
    endpoint: { host, port: Number(port === '' ? 80 : port) },
    domain: environment.domain,
    activatorAdmin: environment.activatorAdmin,
  };
}
