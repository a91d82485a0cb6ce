import type { HttpClient } from '../../lib/kube/http-client.ts';
import { listAll } from '../../lib/kube/list-all.ts';
import type { Deployment, Pod } from '../../lib/kube/objects.ts';
import { deployments, pods } from '../../lib/kube/resources.ts';
import { answers } from '../answering.ts';
import { eventually } from '../../e2e/framework/patience.ts';

const fieldManager = 'flint-bench';

/** A Deployment without Flint: the same Pod as a function's. */
export interface Bare {
  readonly namespace: string;
  readonly name: string;
}

/** A copy of a Deployment's Pods under another name, at zero. */
export async function createBare(
  client: HttpClient,
  namespace: string,
  names: { from: string; to: string },
): Promise<Bare> {
  const { spec } = await client.get(deployments, { namespace, name: names.from });
  const labels = { app: names.to };
  const bare: Deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name: names.to },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { ...spec.template, metadata: { labels } },
    },
  };
  await client.create(deployments, bare, { fieldManager });
  return { namespace, name: names.to };
}

/** From the scale write to the first byte of the new Pod, which is tried as soon as it has an address. */
export async function timeBareStart(client: HttpClient, bare: Bare): Promise<number> {
  const stop = new AbortController();
  const ready = Promise.withResolvers<{ host: string; port: number }>();
  const watching = watchForAddress(client, bare, ready, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) {
      ready.reject(error);
    }
  });
  const startedAt = performance.now();
  await client.setScale(deployments, bare, 1, { fieldManager });
  const address = await ready.promise;
  while (!(await answers(address))) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const took = performance.now() - startedAt;
  stop.abort(new Error('measured'));
  await watching;
  return took;
}

export async function stopBare(client: HttpClient, bare: Bare): Promise<void> {
  await client.setScale(deployments, bare, 0, { fieldManager });
  await eventually('no Pod is left', async () => ((await podsOf(client, bare)).length === 0 ? true : undefined), {
    withinMs: 60_000,
  });
}

function podsOf(client: HttpClient, { namespace, name }: Bare): Promise<Pod[]> {
  return listAll(client, pods, { namespace, labelSelector: `app=${name}` });
}

async function watchForAddress(
  client: HttpClient,
  { namespace, name }: Bare,
  ready: PromiseWithResolvers<{ host: string; port: number }>,
  signal: AbortSignal,
): Promise<void> {
  const options = { namespace, labelSelector: `app=${name}`, resourceVersion: '', timeoutSeconds: 60 };
  for await (const event of client.watch(pods, options, signal)) {
    if (event.type !== 'BOOKMARK' && event.object.status?.podIP !== undefined) {
      const port = event.object.spec.containers[0]?.ports?.[0]?.containerPort ?? 0;
      ready.resolve({ host: event.object.status.podIP, port });
    }
  }
}
