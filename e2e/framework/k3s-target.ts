import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { buildForCluster } from '../../images/build.ts';
import { makeClusterTarget } from './cluster-target.ts';
import { adminService, domain, installFlint } from './installed-flint.ts';
import { project } from './local-target.ts';
import { type StartedTarget, TargetUnavailableError } from './target.ts';

/** Not a dependency of the project: 100 packages, with a native one, that only this target needs. */
const packageName = '@testcontainers/k3s';
const packageVersion = '12.1.0';

/** Ports of the node; the container publishes them on this machine, under ports of Docker's choice. */
const functionsPort = 30_080;
const adminPort = 30_090;

/** What is used of `StartedK3sContainer`. */
export interface StartedK3s {
  getKubeConfig(): string;
  getHost(): string;
  getMappedPort(port: number): number;
  copyFilesToContainer(files: readonly { readonly source: string; readonly target: string }[]): Promise<void>;
  exec(command: readonly string[]): Promise<{ readonly output: string; readonly exitCode: number }>;
  stop(): Promise<unknown>;
}

/** What is used of the package. */
export interface K3sModule {
  readonly K3sContainer: new (image: string) => {
    withExposedPorts(...ports: number[]): { start(): Promise<StartedK3s> };
  };
}

function say(line: string): void {
  process.stderr.write(`k3s: ${line}\n`);
}

/**
 * Flint in a k3s of its own in Docker: images from these sources, installed by the chart.
 * @param image of k3s, `E2E_K3S_IMAGE`
 * @throws TargetUnavailableError without the package or without Docker
 */
export async function startK3sTarget(image = 'rancher/k3s:v1.34.1-k3s1'): Promise<StartedTarget> {
  const cluster = await startK3s(await loadPackage(), image);
  say(`${image} is up`);
  const folder = await mkdtemp(join(tmpdir(), 'flint-k3s-'));
  const stop = async (): Promise<void> => {
    await cluster.stop();
    await rm(folder, { recursive: true });
  };
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, nameServer(cluster.getKubeConfig()));
    const images = await buildForCluster(project, say);
    await loadImages(
      cluster,
      images.map(({ archive }) => archive),
    );
    const kubectl = await installFlint(kubeconfig, [
      'activator.service.type=NodePort',
      `activator.service.nodePort=${functionsPort}`,
    ]);
    const ports = [{ port: 9090, nodePort: adminPort }];
    await kubectl.run(
      'patch',
      'service',
      adminService,
      '--patch',
      JSON.stringify({ spec: { type: 'NodePort', ports } }),
    );
    say('Flint is installed');
    const address = (port: number): string => `${cluster.getHost()}:${cluster.getMappedPort(port)}`;
    const target = await makeClusterTarget('k3s', {
      kubeconfig,
      endpoint: address(functionsPort),
      activatorAdmin: `http://${address(adminPort)}`,
      domain,
    });
    return { target, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function loadPackage(): Promise<K3sModule> {
  try {
    return (await import(packageName)) as K3sModule;
  } catch (error) {
    throw new TargetUnavailableError(
      `E2E_TARGET=k3s needs ${packageName}, which the project does not depend on: ` +
        `npm install --no-save ${packageName}@${packageVersion}`,
      { cause: error },
    );
  }
}

/** @throws TargetUnavailableError when there is no Docker, as Testcontainers says it; whatever else it throws otherwise */
export async function startK3s({ K3sContainer }: K3sModule, image: string): Promise<StartedK3s> {
  try {
    return await new K3sContainer(image).withExposedPorts(functionsPort, adminPort).start();
  } catch (error) {
    if (error instanceof Error && error.message.includes('Could not find a working container runtime')) {
      throw new TargetUnavailableError('E2E_TARGET=k3s needs Docker, and none answers here', { cause: error });
    }
    throw error;
  }
}

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: object }[];
}

/**
 * The certificate of k3s is good for its own addresses and for `kubernetes`. Where it is reached by another one, as from within
 * a container (there Testcontainers takes the gateway), the name is what it can be known by.
 */
export function nameServer(kubeconfig: string): string {
  const config = load(kubeconfig) as Kubeconfig;
  const clusters = config.clusters.map(({ name, cluster }) => ({
    name,
    cluster: { ...cluster, 'tls-server-name': 'kubernetes' },
  }));
  return dump({ ...config, clusters });
}

/** Loads OCI archives into the node's containerd, under the names they carry. @throws Error with what `ctr` said */
export async function loadImages(cluster: StartedK3s, archives: readonly string[]): Promise<void> {
  for (const [index, source] of archives.entries()) {
    const target = `/flint-${index}.tar`;
    await cluster.copyFilesToContainer([{ source, target }]);
    const { exitCode, output } = await cluster.exec(['ctr', '--namespace=k8s.io', 'images', 'import', target]);
    if (exitCode !== 0) {
      throw new Error(`k3s does not take ${source}: ${output.trim()}`);
    }
  }
}
