import { afterAll, expect } from 'vitest';
import { systemClock, systemRandom } from '../lib/clock.ts';
import { openConnection } from '../lib/kube/connect.ts';
import { createClient, type HttpClient } from '../lib/kube/http-client.ts';
import type { Deployment } from '../lib/kube/objects.ts';
import { deployments, pods } from '../lib/kube/resources.ts';
import { clusterIt } from './framework/current-target.ts';
import { functionManifest, greeting } from './framework/manifest.ts';
import { tellStories } from './framework/story.ts';

/** What the activator's own service account is let do by RBAC and the admission policies of the chart. */

const story = tellStories();
const account = ['flint-activator', '--namespace=flint-system'];
let activator: HttpClient | undefined;

/** Reaches the server as the story does, and is somebody else. */
async function openAsActivator(): Promise<HttpClient> {
  const { certificate: _, ...connection } = await openConnection({ kind: 'kubeconfig', file: story.target.kubeconfig });
  const token = (await story.kubectl.run('create', 'token', ...account)).trim();
  return createClient({
    connection: { ...connection, token },
    clock: systemClock,
    random: systemRandom,
    userAgent: 'flint-e2e',
  });
}

afterAll(async () => {
  await activator?.close();
});

const foreign = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'foreign' },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'foreign' } },
    template: { metadata: { labels: { app: 'foreign' } }, spec: { containers: [{ name: 'main', image: 'none' }] } },
  },
};

clusterIt('of Pods it may annotate those of functions, and of Deployments scale those of functions', async () => {
  await story.kubectl.apply(functionManifest('ruled', greeting('ruled'), { scaling: { idleTimeout: '10m' } }));
  await story.untilReady('ruled');
  await story.request('ruled');
  await story.kubectl.apply(JSON.stringify(foreign));
  const [pod] = await story.pods('ruled');
  const own = await story.kubectl.json<{ items: Deployment[] }>(
    'get',
    'deployments',
    '--selector=flint.dev/function=ruled',
  );
  const client = (activator = await openAsActivator());
  const { namespace } = story;
  const options = { fieldManager: 'flint-activator' };
  const patchPod = (patch: object): Promise<unknown> =>
    client.mergePatch(pods, { namespace, name: pod?.metadata.name ?? '' }, patch, options);
  const scale = (name = ''): Promise<unknown> => client.setScale(deployments, { namespace, name }, 1, options);

  await patchPod({ metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': '5' } } });
  await scale(own.items[0]?.metadata.name);

  await expect(patchPod({ metadata: { labels: { 'flint.dev/function': null } } })).rejects.toThrow('belongs to');
  await expect(patchPod({ metadata: { finalizers: ['a.test/b'] } })).rejects.toThrow('holds a Pod back');
  await expect(patchPod({ metadata: { ownerReferences: null } })).rejects.toThrow('owns a Pod');
  await expect(patchPod({ spec: { activeDeadlineSeconds: 1 } })).rejects.toThrow('a Pod runs');
  await expect(scale('foreign')).rejects.toThrow('may scale functions only');
});

clusterIt('it may neither read Secrets nor delete what runs', async () => {
  const may = async (verb: string, resource: string): Promise<string> => {
    const who = `--as=system:serviceaccount:flint-system:flint-activator`;
    const asked = story.kubectl.run('auth', 'can-i', verb, resource, who);
    return asked.then((answer) => answer.trim()).catch((error: unknown) => String(error));
  };
  expect(await may('list', 'pods')).toBe('yes');
  for (const [verb, resource] of [
    ['get', 'secrets'],
    ['delete', 'pods'],
    ['create', 'pods'],
    ['patch', 'deployments'],
    ['patch', 'functions.flint.dev'],
  ] as const) {
    expect(await may(verb, resource), `${verb} ${resource}`).toContain('exit code 1');
  }
});
