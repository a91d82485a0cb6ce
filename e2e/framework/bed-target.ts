import { down } from '../bed/down.ts';
import { loadFlintImages } from '../bed/flint-images.ts';
import { cacheFolder } from '../bed/folders.ts';
import { explainMissing, inspectMachine } from '../bed/prerequisites.ts';
import { up } from '../bed/up.ts';
import { makeClusterTarget } from './cluster-target.ts';
import { adminService, domain, functionsService, installFlint } from './installed-flint.ts';
import { project } from './local-target.ts';
import { type StartedTarget, TargetUnavailableError } from './target.ts';

function say(line: string): void {
  process.stderr.write(`bed: ${line}\n`);
}

/**
 * A real cluster of this machine with Flint in it: images from these sources, installed by the chart.
 * @throws TargetUnavailableError
 */
export async function startBedTarget(): Promise<StartedTarget> {
  const missing = explainMissing(await inspectMachine(process.env));
  if (missing !== undefined) {
    throw new TargetUnavailableError(missing);
  }
  const cache = cacheFolder(process.env);
  const nodes = ['node-1', 'node-2'];
  const { kubeconfig } = await up({ cache, nodes: nodes.length, say });
  await loadFlintImages({ project, cache, nodes, say });
  const kubectl = await installFlint(kubeconfig);
  say('Flint is installed');
  const address = (service: string): Promise<string> =>
    kubectl.run('get', 'service', service, '--output=jsonpath={.spec.clusterIP}:{.spec.ports[0].port}');
  const target = await makeClusterTarget('bed', {
    kubeconfig,
    endpoint: await address(functionsService),
    activatorAdmin: `http://${await address(adminService)}`,
    domain,
  });
  return { target, stop: () => down(cache) };
}
