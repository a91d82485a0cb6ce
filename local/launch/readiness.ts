import { get } from 'node:http';
import { findCondition, isTrue } from '../../lib/api/conditions.ts';
import type { FunctionObject } from '../../lib/api/function.ts';
import { functions } from '../../lib/api/resources.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient, ObjectName } from '../../lib/kube/client.ts';
import { listAll } from '../../lib/kube/list-all.ts';
import type { KubeObject, Pod } from '../../lib/kube/objects.ts';
import { deployments, pods, type Resource } from '../../lib/kube/resources.ts';
import { ignoreNotFound } from '../../lib/kube/status-error.ts';
import { type ComponentName, componentLabel, systemNamespace } from './installation.ts';

const lookEveryMs = 10;

export interface Patience {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A component that answers, as a process of this machine. */
export interface RunningComponent {
  readonly pid: number;
  readonly adminUrl: string;
}

/**
 * Resolves once the component's `/readyz` answers 200. It is asked directly: the kubelet, which asks once a second, would tell
 * half a second later.
 */
export async function untilComponentReady(
  client: Pick<KubeClient, 'get' | 'list'>,
  component: ComponentName,
  { clock, signal }: Patience,
): Promise<RunningComponent> {
  for (;;) {
    const running = (await isRolledOut(client, component))
      ? (await podsOf(client, component)).flatMap(runningIn)[0]
      : undefined;
    if (running !== undefined && (await answersOk(`${running.adminUrl}/readyz`))) {
      return running;
    }
    await clock.sleep(lookEveryMs, signal);
  }
}

/** Resolves once the object exists. */
export async function untilExists(
  client: Pick<KubeClient, 'get'>,
  resource: Resource,
  name: ObjectName,
  { clock, signal }: Patience,
): Promise<void> {
  while (!(await exists(client, resource, name))) {
    await clock.sleep(lookEveryMs, signal);
  }
}

/** `Ready: False` may pass, for example when a ConfigMap stands behind its Function in a file; after this long it is believed. */
const believeFailureAfterMs = 2000;

/** Resolves once the Function is Ready, or has told why it is not. */
export async function untilFunctionSettled(
  client: Pick<KubeClient, 'get'>,
  name: ObjectName,
  { clock, signal }: Patience,
): Promise<FunctionObject> {
  let failedAt: number | undefined;
  for (;;) {
    const fn = await client.get(functions, name);
    const { conditions } = fn.status ?? {};
    const hasFailed = findCondition(conditions, 'Ready')?.status === 'False';
    failedAt = hasFailed ? (failedAt ?? clock.monotonic()) : undefined;
    const isBelieved = failedAt !== undefined && clock.monotonic() - failedAt >= believeFailureAfterMs;
    if (isTrue(conditions, 'Ready') || isTrue(conditions, 'Stalled') || isBelieved) {
      return fn;
    }
    await clock.sleep(lookEveryMs, signal);
  }
}

/** In a folder with a former run's state its Pods are there at first, perhaps with other ports. */
async function isRolledOut(client: Pick<KubeClient, 'get'>, component: ComponentName): Promise<boolean> {
  const name = { namespace: systemNamespace, name: `flint-${component}` };
  const { metadata, status } = await client.get(deployments, name);
  return status?.observedGeneration === metadata.generation && status?.updatedReplicas === status?.replicas;
}

function podsOf(client: Pick<KubeClient, 'list'>, component: ComponentName): Promise<Pod[]> {
  return listAll(client, pods, { namespace: systemNamespace, labelSelector: `${componentLabel}=${component}` });
}

/** The process of a Pod that is to stay; none while it has not started. */
function runningIn(pod: Pod): RunningComponent[] {
  const pid = processOf(pod);
  const port = pod.spec.containers[0]?.ports?.find(({ name }) => name === 'admin')?.containerPort;
  return pod.metadata.deletionTimestamp === undefined && pid !== undefined && port !== undefined
    ? [{ pid, adminUrl: `http://127.0.0.1:${port}` }]
    : [];
}

const processId = /^process:\/\/(?<pid>[0-9]+)$/u;

/** The node names a container by its process. */
function processOf({ status }: Pod): number | undefined {
  const running = status?.containerStatuses?.find(({ state }) => state?.running !== undefined);
  const pid = processId.exec(running?.containerID ?? '')?.groups?.['pid'];
  return pid === undefined ? undefined : Number(pid);
}

async function exists(client: Pick<KubeClient, 'get'>, resource: Resource, name: ObjectName): Promise<boolean> {
  return (await client.get<KubeObject>(resource, name).catch(ignoreNotFound)) !== undefined;
}

function answersOk(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  get(url, { agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  }).once('error', () => {
    resolve(false);
  });
  return promise;
}
