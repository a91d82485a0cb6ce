import { join } from 'node:path';
import { chart, helm } from '../../charts/tests/chart.ts';
import { extractTool } from '../../local/kubectl/extract.ts';
import { Kubectl } from './kubectl.ts';
import { project } from './local-target.ts';

const namespace = 'flint-system';
const release = 'flint';

/** The activator's Service, and the one of its `/metrics` that only stories have. */
export const functionsService = `${release}-activator`;
export const adminService = 'activator-admin';

/** The domain that stories call functions by. */
export const domain = 'example.test';

/**
 * Flint in a cluster that has its images, installed by the chart as a user would, with the activator's `/metrics` as a Service: Pods
 * come and go in stories, an address of a Service stays.
 * @param set further values, as `--set` takes them
 * @returns kubectl in its namespace
 * @throws CommandError when Helm refuses; KubectlError
 */
export async function installFlint(kubeconfig: string, set: readonly string[] = []): Promise<Kubectl> {
  const program = await extractTool('kubectl', { project, tools: join(project, '.tools') });
  const kubectl = new Kubectl({ kubectl: program, kubeconfig }, namespace);
  await kubectl.run('create', 'namespace', namespace);
  // As careful an owner would: nothing in it may have more than the restricted profile allows.
  await kubectl.run('label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted');
  // While its node is drained the only activator has to accept until another one is ready: five seconds are enough for that on
  // most machines, not on all.
  const own = [`domains={${domain}}`, 'activator.accessLog=true', 'activator.lameDuckSeconds=15'];
  const values = [...own, ...set].map((value) => `--set=${value}`);
  await helm(['install', release, chart, `--namespace=${namespace}`, ...values, '--wait', '--timeout=300s'], {
    env: { KUBECONFIG: kubeconfig },
  });
  await kubectl.run('expose', `deployment/${release}-activator`, `--name=${adminService}`, '--port=9090');
  return kubectl;
}
