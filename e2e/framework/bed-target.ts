import { join } from 'node:path';
import { chart, helm } from '../../charts/tests/chart.ts';
import { extractTool } from '../../local/kubectl/extract.ts';
import { runCommand } from '../../images/run-command.ts';
import { down } from '../bed/down.ts';
import { loadFlintImages } from '../bed/flint-images.ts';
import { cacheFolder } from '../bed/folders.ts';
import { explainMissing, inspectMachine } from '../bed/prerequisites.ts';
import { up } from '../bed/up.ts';
import { makeClusterTarget } from './cluster-target.ts';
import { project } from './local-target.ts';
import type { Target } from './target.ts';

const namespace = 'flint-system';
const release = 'flint';
const domain = 'example.test';

/** Thrown when a target cannot be here; the stories are skipped, and say so. */
export class TargetUnavailableError extends Error {
  override readonly name = 'TargetUnavailableError';
}

export interface BedTarget {
  readonly target: Target;
  stop(): Promise<void>;
}

function say(line: string): void {
  process.stderr.write(`bed: ${line}\n`);
}

/**
 * A real cluster with Flint in it: images from these sources, installed by the chart as a user would.
 * @throws TargetUnavailableError
 */
export async function startBedTarget(): Promise<BedTarget> {
  const missing = explainMissing(await inspectMachine(process.env));
  if (missing !== undefined) {
    throw new TargetUnavailableError(missing);
  }
  const cache = cacheFolder(process.env);
  const nodes = ['node-1', 'node-2'];
  const bed = await up({ cache, nodes: nodes.length, say });
  await loadFlintImages({ project, cache, nodes, say });
  const kubectl = await extractTool('kubectl', { project, tools: join(project, '.tools') });
  const env = { KUBECONFIG: bed.kubeconfig };
  await prepareNamespace(kubectl, env);
  const flags = [`--namespace=${namespace}`, `--set=domains={${domain}}`, '--set=activator.accessLog=true', '--wait'];
  await helm(['install', release, chart, ...flags, '--timeout=120s'], { env });
  say('Flint is installed');
  const read = async (what: string, path: string): Promise<string> =>
    runCommand(kubectl, ['get', ...what.split(' '), `--namespace=${namespace}`, `--output=jsonpath=${path}`], { env });
  // Pods come and go in stories; an address of a Service stays.
  const expose = ['expose', `deployment/${release}-activator`, '--name=activator-admin', '--port=9090'];
  await runCommand(kubectl, [...expose, `--namespace=${namespace}`], { env });
  const address = (service: string): Promise<string> =>
    read(`service ${service}`, '{.spec.clusterIP}:{.spec.ports[0].port}');
  const target = await makeClusterTarget('bed', {
    kubeconfig: bed.kubeconfig,
    endpoint: await address(`${release}-activator`),
    activatorAdmin: `http://${await address('activator-admin')}`,
    domain,
  });
  return { target, stop: () => down(cache) };
}

/** As careful an owner would: nothing in it may have more than the restricted profile allows. */
async function prepareNamespace(kubectl: string, env: Readonly<Record<string, string>>): Promise<void> {
  await runCommand(kubectl, ['create', 'namespace', namespace], { env });
  const label = 'pod-security.kubernetes.io/enforce=restricted';
  await runCommand(kubectl, ['label', 'namespace', namespace, label], { env });
}
