import { join } from 'node:path';
import type { Runtime } from '../../lib/api/runtime.ts';
import type { ConfigMap, Deployment, KubeObject, PodSpec } from '../../lib/kube/objects.ts';
import { readManifest } from './manifests.ts';

/** Flint's two processes in a cluster. */
export type ComponentName = 'operator' | 'activator';

/** Where the chart puts them. */
export const systemNamespace = 'flint-system';
export const componentLabel = 'app.kubernetes.io/component';

/** What of a machine the installation has to know. */
export interface MachineSettings {
  /** Where functions are reached on it. */
  readonly functionsPort: number;
  readonly domains: readonly string[];
}

type Container = PodSpec['containers'][number];

/** The chart as it is rendered for `kubectl apply -k`, its namespace first. */
export async function readInstallation(project: string): Promise<KubeObject[]> {
  const read = (file: string): Promise<KubeObject[]> => readManifest(join(project, 'deploy/kustomize', file));
  return [...(await read('namespace.yaml')), ...(await read('flint.yaml'))];
}

/**
 * What one machine needs otherwise than a cluster:
 *
 * - one operator without a lease: a second one takes memory, and a lease delays the start after a crash;
 * - the activator on a port of the machine;
 * - never two of either at once, which the missing lease and the one port forbid;
 * - no lame duck time: there is no load balancer to notice, and Ctrl-C should not take five seconds;
 * - a line for each request, which the terminal shows.
 */
export function adaptToMachine(objects: readonly KubeObject[], settings: MachineSettings): KubeObject[] {
  return objects.map((object) => {
    const component = object.kind === 'Deployment' ? componentOf(object) : undefined;
    return component === undefined ? object : adapters[component](object as Deployment, settings);
  });
}

/** The Runtimes that the operator applies once it leads: the chart ships them in a ConfigMap. */
export function shippedRuntimes(objects: readonly KubeObject[]): Runtime[] {
  const files = objects.flatMap((object) => (object.kind === 'ConfigMap' ? [(object as ConfigMap).data ?? {}] : []));
  return files.flatMap((file) => JSON.parse(file['runtimes.json'] ?? '[]') as Runtime[]);
}

/** The image that each component runs. */
export function componentImages(objects: readonly KubeObject[]): ReadonlyMap<ComponentName, string> {
  const images = objects.flatMap((object) => {
    const component = object.kind === 'Deployment' ? componentOf(object) : undefined;
    const image = component === undefined ? undefined : (object as Deployment).spec.template.spec?.containers[0]?.image;
    return component === undefined || image === undefined ? [] : [[component, image] as const];
  });
  return new Map(images);
}

function componentOf({ metadata }: KubeObject): ComponentName | undefined {
  const name = metadata.labels?.[componentLabel];
  return name === 'operator' || name === 'activator' ? name : undefined;
}

const adapters: Readonly<Record<ComponentName, (deployment: Deployment, settings: MachineSettings) => Deployment>> = {
  operator: (deployment, { functionsPort, domains }) =>
    changeContainer(deployment, (container) => ({
      ...container,
      env: overrideEnv(container.env, {
        FLINT_DOMAINS: domains.join(','),
        FLINT_URL_PORT: String(functionsPort),
        FLINT_LEADER_ELECTION: 'false',
      }),
    })),
  activator: (deployment, { functionsPort, domains }) =>
    changeContainer(deployment, (container) => ({
      ...container,
      env: overrideEnv(container.env, {
        FLINT_DOMAINS: domains.join(','),
        FLINT_ACCESS_LOG: 'true',
        FLINT_LAME_DUCK: '0s',
      }),
      ports: container.ports?.map((port) => (port.name === 'http' ? { ...port, hostPort: functionsPort } : port)) ?? [],
    })),
};

function changeContainer(deployment: Deployment, change: (container: Container) => Container): Deployment {
  const { template } = deployment.spec;
  const { containers = [], ...spec } = template.spec ?? {};
  const changed = { ...template, spec: { ...spec, containers: containers.map(change) } };
  const strategy = { type: 'Recreate' };
  return { ...deployment, spec: { ...deployment.spec, replicas: 1, strategy, template: changed } };
}

type Variables = NonNullable<Container['env']>;

function overrideEnv(env: Variables = [], values: Readonly<Record<string, string>>): Variables {
  const others = env.filter(({ name }) => !(name in values));
  return [...others, ...Object.entries(values).map(([name, value]) => ({ name, value }))];
}
