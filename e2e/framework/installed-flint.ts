import { join } from 'node:path';
import { chart, helm } from '../../charts/tests/chart.ts';
import { runCommand } from '../../images/run-command.ts';
import { extractTool } from '../../local/kubectl/extract.ts';
import { project } from './local-target.ts';

const namespace = 'flint-system';
const release = 'flint';

/** The activator's Service, and the one of its `/metrics` that only stories have. */
export const functionsService = `${release}-activator`;
export const adminService = 'activator-admin';

/** The domain that stories call functions by. */
export const domain = 'example.test';

export interface InstalledFlint {
  /** Standard output of kubectl, in Flint's namespace. */
  readonly kubectl: (...args: string[]) => Promise<string>;
}

/**
 * Flint in a cluster that has its images, installed by the chart as a user would, with the activator's `/metrics` as a Service: Pods
 * come and go in stories, an address of a Service stays.
 * @param set further values, as `--set` takes them
 * @throws CommandError
 */
export async function installFlint(kubeconfig: string, set: readonly string[] = []): Promise<InstalledFlint> {
  const env = { KUBECONFIG: kubeconfig };
  const program = await extractTool('kubectl', { project, tools: join(project, '.tools') });
  const kubectl = (...args: string[]): Promise<string> =>
    runCommand(program, [`--namespace=${namespace}`, ...args], { env });
  await kubectl('create', 'namespace', namespace);
  // As careful an owner would: nothing in it may have more than the restricted profile allows.
  await kubectl('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
  const values = [`domains={${domain}}`, 'activator.accessLog=true', ...set].map((value) => `--set=${value}`);
  await helm(['install', release, chart, `--namespace=${namespace}`, ...values, '--wait', '--timeout=120s'], { env });
  await kubectl('expose', `deployment/${release}-activator`, `--name=${adminService}`, '--port=9090');
  return { kubectl };
}
