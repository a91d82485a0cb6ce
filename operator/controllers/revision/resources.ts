import { functionDefaults } from '../../../lib/api/defaults.ts';
import { parseDurationMs, tryParseDurationMs } from '../../../lib/api/duration.ts';
import type { FunctionObject } from '../../../lib/api/function.ts';
import {
  annotations,
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
import { makeControllerReference } from '../../../lib/kube/owner-reference.ts';
import { canonicalJson, sha256 } from '../function/canonical.ts';
import { drainOf } from '../function/resources.ts';
import { mergePodTemplate } from './pod-template.ts';
import { progressDeadlineSeconds } from './progress-deadline.ts';

type Container = PodSpec['containers'][number];

/** The Deployment without a replica count, which belongs to the activator. */
export type DesiredDeployment = Omit<Deployment, 'spec'> & { spec: Omit<Deployment['spec'], 'replicas'> };

const terminationLog = '/dev/termination-log';
/** With the Pod's own context, what the Pod Security Standards call restricted. */
const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
/** Beyond the drain time, so that the runtime and not the kubelet decides when a replica ends. */
const graceBeyondDrainSeconds = 5;

/** @param drain what {@link drainAtBirth} says */
export function makeDeployment(revision: Revision, drain: string): DesiredDeployment {
  const selector = { [labels.revision]: revision.metadata.name };
  const own = { [labels.function]: revision.spec.functionName, ...selector };
  const spec = {
    selector: { matchLabels: selector },
    progressDeadlineSeconds,
    // A Revision never changes: there is nothing to roll back to here.
    revisionHistoryLimit: 0,
    template: mergePodTemplate(makeTemplate(revision, own, drain), revision.spec.podTemplate),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: deploymentName(revision.metadata.name),
      namespace: revision.metadata.namespace ?? '',
      labels: own,
      annotations: { [annotations.stated]: sha256(canonicalJson({ labels: own, spec })) },
      ownerReferences: [makeControllerReference(revision)],
    },
    spec,
  };
}

/** How many replicas a new Revision starts with, to prove itself and to be as many as must always be there. */
export function initialReplicasOf({ spec }: FunctionObject): number {
  const { initialReplicas, minReplicas } = { ...functionDefaults.scaling, ...spec.scaling };
  return Math.max(initialReplicas, minReplicas);
}

/** What the Function said when the Revision was made. Should that be lost, what it says now. */
export function drainAtBirth({ metadata }: Revision, fn: FunctionObject): string {
  const noted = metadata.annotations?.[annotations.drain] ?? '';
  return tryParseDurationMs(noted) === undefined ? drainOf(fn) : noted;
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
    env: makeEnv(revision, drain),
    securityContext: spec.securityContext ?? restricted,
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

/**
 * Ours stand first, so that the function's own can refer to them as `$(PORT)`. Of two with one name Kubernetes takes the
 * last, or refuses both: what the contract with the image promises cannot be said otherwise by `env`.
 */
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
  const own = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  return [...own, ...(spec.env ?? []).filter(({ name }) => !own.some((ours) => ours.name === name))];
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

/** Only the fields that are set. */
function present<T extends object>(fields: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
