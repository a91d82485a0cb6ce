import { dirname, resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { Deployment } from '../../lib/kube/objects.ts';
import { makeImages } from './images.ts';
import { adaptToMachine, componentImages, readInstallation, shippedRuntimes } from './installation.ts';

const project = resolve(dirname(import.meta.filename), '../..');
const chart = await readInstallation(project);
const adapted = adaptToMachine(chart, { functionsPort: 8081, domains: ['localhost', 'example.com'] });

function deploymentOf(objects: typeof chart, name: string): Deployment {
  return objects.find((object) => object.kind === 'Deployment' && object.metadata.name === name) as Deployment;
}

function environmentOf(name: string): Record<string, string> {
  const env = deploymentOf(adapted, name).spec.template.spec?.containers[0]?.env ?? [];
  return Object.fromEntries(env.map((variable) => [variable.name, variable.value ?? '']));
}

it('what is installed here is what kubectl apply -k installs, but for the two Deployments', () => {
  expect(adapted).toHaveLength(chart.length);
  const changed = chart.filter((object, index) => object !== adapted[index]);
  expect(changed.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'Deployment flint-activator',
    'Deployment flint-operator',
  ]);
});

it('the operator is alone, waits for no lease, and tells the URLs of this machine', () => {
  expect(deploymentOf(adapted, 'flint-operator').spec.replicas).toBe(1);
  expect(environmentOf('flint-operator')).toMatchObject({
    FLINT_LEADER_ELECTION: 'false',
    FLINT_URL_PORT: '8081',
    FLINT_DOMAINS: 'localhost,example.com',
    FLINT_NAMESPACE: 'flint-system',
  });
});

it('the activator has the port of the machine, which a second one cannot have beside it', () => {
  const { spec } = deploymentOf(adapted, 'flint-activator');
  expect(spec.strategy).toEqual({ type: 'Recreate' });
  expect(spec.template.spec?.containers[0]?.ports).toEqual([
    { name: 'http', containerPort: 8080, hostPort: 8081 },
    { name: 'admin', containerPort: 9090 },
  ]);
  expect(environmentOf('flint-activator')).toMatchObject({ FLINT_ACCESS_LOG: 'true', FLINT_LAME_DUCK: '0s' });
});

it('the node can run every image that the chart installs and every Runtime that it ships', () => {
  const images = makeImages(chart, { project, apiUrl: 'http://127.0.0.1:6443', execPath: '/bin/node' });
  const runtimes = shippedRuntimes(chart);
  expect(runtimes.map(({ metadata }) => metadata.name)).toEqual(['nodejs']);
  const wanted = [...componentImages(chart).values(), ...runtimes.map(({ spec }) => spec.image)];
  expect(wanted).toHaveLength(3);
  expect(wanted.filter((image) => !images.has(image))).toEqual([]);
});
