import { load } from 'js-yaml';
import { expect, it } from 'vitest';
import { type K3sModule, loadImages, nameServer, type StartedK3s, startK3s, startK3sTarget } from './k3s-target.ts';
import { TargetUnavailableError } from './target.ts';

function fakeCluster(exitCode: number): StartedK3s & { readonly did: string[] } {
  const did: string[] = [];
  return {
    did,
    getKubeConfig: () => '',
    getHost: () => 'localhost',
    getMappedPort: (port) => port,
    copyFilesToContainer: (files) => {
      did.push(...files.map(({ source, target }) => `copy ${source} ${target}`));
      return Promise.resolve();
    },
    exec: (command) => {
      did.push(command.join(' '));
      return Promise.resolve({ exitCode, output: 'ctr: archive is empty\n' });
    },
    stop: () => Promise.resolve(),
  };
}

function fakeModule(start: () => Promise<StartedK3s>, ports: number[] = []): K3sModule {
  return {
    K3sContainer: class {
      withExposedPorts(...wanted: number[]): { start(): Promise<StartedK3s> } {
        ports.push(...wanted);
        return { start };
      }
    },
  };
}

it('k3s publishes the ports of functions and of metrics', async () => {
  const ports: number[] = [];
  const cluster = fakeCluster(0);
  expect(
    await startK3s(
      fakeModule(() => Promise.resolve(cluster), ports),
      'k3s',
    ),
  ).toBe(cluster);
  expect(ports).toEqual([30_080, 30_090]);
});

it('without Docker the target is not there, and says so', async () => {
  const module = fakeModule(() => Promise.reject(new Error('Could not find a working container runtime strategy')));
  await expect(startK3s(module, 'k3s')).rejects.toThrow(TargetUnavailableError);
});

it('another failure of the start is a failure', async () => {
  const module = fakeModule(() => Promise.reject(new Error('no such image')));
  const failure = await startK3s(module, 'k3s').catch((error: unknown) => error);
  expect(failure).toEqual(new Error('no such image'));
});

it('without the package the target is not there, and says how to get it', async () => {
  const failure = await startK3sTarget().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TargetUnavailableError);
  expect(String(failure)).toContain('npm install --no-save @testcontainers/k3s@12.1.0');
});

it('the server is known by a name that its certificate has, wherever it is reached', () => {
  const kubeconfig = 'kind: Config\nclusters:\n- cluster: {server: "https://172.17.0.1:49153"}\n  name: default\n';
  expect(load(nameServer(kubeconfig))).toEqual({
    kind: 'Config',
    clusters: [{ name: 'default', cluster: { server: 'https://172.17.0.1:49153', 'tls-server-name': 'kubernetes' } }],
  });
});

it('images go to the node one after another', async () => {
  const cluster = fakeCluster(0);
  await loadImages(cluster, ['a.tar', 'b.tar']);
  expect(cluster.did).toEqual([
    'copy a.tar /flint-0.tar',
    'ctr --namespace=k8s.io images import /flint-0.tar',
    'copy b.tar /flint-1.tar',
    'ctr --namespace=k8s.io images import /flint-1.tar',
  ]);
});

it('an image that the node does not take fails with its words', async () => {
  await expect(loadImages(fakeCluster(1), ['a.tar'])).rejects.toThrow('k3s does not take a.tar: ctr: archive is empty');
});
