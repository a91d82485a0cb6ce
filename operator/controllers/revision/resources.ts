import { functionDefaults } from '../../../lib/api/defaults.ts';
import { parseDurationMs } from '../../../lib/api/duration.ts';
import type { FunctionObject } from '../../../lib/api/function.ts';
import {
  codeConfigMapName,
  codeVolume,
  deploymentName,
  functionContainer,
  functionPort,
  labels,
  runtimeEnv,
} from '../../../lib/api/names.ts';
import type { Revision } from '../../../lib/api/revision.ts';
import type { Deployment, PodSpec, PodTemplateSpec } from '../../../lib/kube/objects.ts';
import { makeOwnerReference } from '../owner.ts';
import { mergePodTemplate } from './pod-template.ts';

type Container = PodSpec['containers'][number];

/** The Deployment without a replica count, which belongs to the activator. */
export type DesiredDeployment = Omit<Deployment, 'spec'> & { spec: Omit<Deployment['spec'], 'replicas'> };

const terminationLog = '/dev/termination-log';
/** Beyond the drain time, so that the runtime and not the kubelet decides when a replica ends. */
const graceBeyondDrainSeconds = 5;

/** @param drain the duration at the Deployment's birth: a later change must not restart what runs. */
export function makeDeployment(revision: Revision, drain: string): DesiredDeployment {
  const selector = { [labels.revision]: revision.metadata.name };
  const own = { [labels.function]: revision.spec.functionName, ...selector };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: deploymentName(revision.metadata.name),
      namespace: revision.metadata.namespace ?? '',
      labels: own,
      ownerReferences: [makeOwnerReference(revision)],
    },
    spec: {
      selector: { matchLabels: selector },
      // A Revision never changes: there is nothing to roll back to here.
      revisionHistoryLimit: 0,
      template: mergePodTemplate(makeTemplate(revision, own, drain), revision.spec.podTemplate),
    },
  };
}

/** How many replicas a new Revision starts with to prove itself. */
export function initialReplicas(fn: FunctionObject | undefined): number {
  const scaling = fn?.spec.scaling ?? {};
  const initial = scaling.initialReplicas ?? functionDefaults.scaling.initialReplicas;
  return Math.max(initial, scaling.minReplicas ?? functionDefaults.scaling.minReplicas);
}

export function drainOf(fn: FunctionObject | undefined): string {
  return fn?.spec.timeouts?.drain ?? functionDefaults.timeouts.drain;
}

function makeTemplate(revision: Revision, own: Record<string, string>, drain: string): PodTemplateSpec {
  const { spec } = revision;
  return {
    metadata: { labels: own },
    spec: {
      containers: [makeContainer(revision, drain)],
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: Math.ceil(parseDurationMs(drain) / 1000) + graceBeyondDrainSeconds,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      ...volumesOf(revision),
      ...present({
        serviceAccountName: spec.serviceAccountName,
        nodeSelector: spec.nodeSelector,
        tolerations: spec.tolerations,
        affinity: spec.affinity,
        topologySpreadConstraints: spec.topologySpreadConstraints,
        priorityClassName: spec.priorityClassName,
        runtimeClassName: spec.runtimeClassName,
        imagePullSecrets: spec.imagePullSecrets,
      }),
    },
  };
}

function makeContainer(revision: Revision, drain: string): Container {
  const { spec } = revision;
  return {
    name: functionContainer,
    image: spec.image,
    imagePullPolicy: 'IfNotPresent',
    ports: [{ name: functionPort, containerPort: spec.port, protocol: 'TCP' }],
    env: [...makeEnv(revision, drain), ...(spec.env ?? [])],
    securityContext: spec.securityContext ?? {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: spec.code !== undefined,
    },
    // An image says in its log why it ended; a Flint runtime writes it to the file.
    terminationMessagePath: terminationLog,
    terminationMessagePolicy: 'FallbackToLogsOnError',
    readinessProbe: spec.readinessProbe ?? { tcpSocket: { port: functionPort }, periodSeconds: 1 },
    ...mountsOf(revision),
    ...present({
      command: spec.command,
      args: spec.args,
      envFrom: spec.envFrom,
      resources: spec.resources,
      livenessProbe: spec.livenessProbe,
      startupProbe: spec.startupProbe,
    }),
  };
}

function makeEnv({ spec, metadata }: Revision, drain: string): NonNullable<Container['env']> {
  const values: Readonly<Record<string, string | undefined>> = {
    [runtimeEnv.port]: String(spec.port),
    [runtimeEnv.function]: spec.functionName,
    [runtimeEnv.namespace]: metadata.namespace,
    [runtimeEnv.revision]: metadata.name,
    [runtimeEnv.codePath]: spec.code?.path,
    [runtimeEnv.handler]: spec.handler,
    [runtimeEnv.terminationLog]: terminationLog,
    [runtimeEnv.drainTimeout]: drain,
  };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

function volumesOf({ spec, metadata }: Revision): Pick<PodSpec, 'volumes'> {
  const code =
    spec.code === undefined ? [] : [{ name: codeVolume, configMap: { name: codeConfigMapName(metadata.name) } }];
  const volumes = [...code, ...(spec.volumes ?? [])];
  return volumes.length === 0 ? {} : { volumes };
}

function mountsOf({ spec }: Revision): Pick<Container, 'volumeMounts'> {
  const code = spec.code === undefined ? [] : [{ name: codeVolume, mountPath: spec.code.path, readOnly: true }];
  const volumeMounts = [...code, ...(spec.volumeMounts ?? [])];
  return volumeMounts.length === 0 ? {} : { volumeMounts };
}

function present<T extends object>(fields: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
