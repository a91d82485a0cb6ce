import { expect } from 'vitest';
import { chart, helm } from '../charts/tests/chart.ts';
import { bedIt } from './framework/current-target.ts';
import { functionManifest, slowCode } from './framework/manifest.ts';
import { patienceMs } from './framework/patience.ts';
import { killPodProcess } from './framework/processes.ts';
import { tellStories } from './framework/story.ts';
import { Traffic } from './framework/traffic.ts';

/** What platform teams do while requests come in. Nodes and the release are the bed's own; another's are not ours to disturb. */

const story = tellStories();
const options = { timeout: 600_000 };
const system = '--namespace=flint-system';

function nodesOf(pods: readonly { readonly spec: object }[]): string[] {
  return pods.map(({ spec }) => (spec as { nodeName?: string }).nodeName ?? '');
}

bedIt('an upgrade of the chart replaces both components, and no request fails', options, async () => {
  await story.kubectl.apply(functionManifest('upgraded', slowCode, { scaling: { idleTimeout: '10m' } }));
  await story.untilReady('upgraded');
  expect((await story.request('upgraded', { path: '/?ms=1' })).status).toBe(200);
  const before = await story.kubectl.run('get', 'pods', system, '--output=name');
  const traffic = new Traffic(story, 'upgraded');
  const stamp = ['operator', 'activator'].map((component) => `--set=${component}.podAnnotations.upgrade=done`);
  const flags = ['--reset-then-reuse-values', ...stamp, '--wait', '--timeout=180s', system];
  await helm(['upgrade', 'flint', chart, ...flags], { env: { KUBECONFIG: story.target.kubeconfig } });
  for (const component of ['operator', 'activator']) {
    await story.kubectl.run('rollout', 'status', `deployment/flint-${component}`, system, '--timeout=120s');
  }
  // The old activator takes connections for its lame duck time and serves what it has taken.
  await story.kubectl.run('wait', '--for=delete', system, '--timeout=120s', ...before.trim().split('\n'));
  const { requests, failures } = await traffic.stop();
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(100);
});

bedIt('a node is drained, with the replica and what else is on it, and no request fails', options, async () => {
  const drained = 'node-2';
  await story.kubectl.run('cordon', 'node-1');
  await story.kubectl.apply(functionManifest('moved', slowCode, { scaling: { idleTimeout: '10m' } }));
  await story.untilReady('moved');
  expect((await story.request('moved', { path: '/?ms=1' })).status).toBe(200);
  await story.kubectl.run('uncordon', 'node-1');
  expect(nodesOf(await story.pods('moved'))).toEqual([drained]);
  const traffic = new Traffic(story, 'moved');
  try {
    const flags = ['--ignore-daemonsets', '--delete-emptydir-data', '--force', '--timeout=180s'];
    await story.kubectl.run('drain', drained, ...flags);
    await story.untilPods('moved', (count) => count === 1);
    await story.untilReady('moved');
    expect(nodesOf(await story.pods('moved'))).toEqual(['node-1']);
  } finally {
    await story.kubectl.run('uncordon', drained);
  }
  const { requests, failures } = await traffic.stop();
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(100);
});

interface Lease {
  readonly spec: { readonly holderIdentity: string; readonly leaseDurationSeconds: number };
}

bedIt('the leading operator dies without a word: another leads when its lease is over', options, async () => {
  const readLease = (): Promise<Lease> => story.kubectl.json<Lease>('get', 'lease/flint-operator', system);
  const { holderIdentity: leader, leaseDurationSeconds } = (await readLease()).spec;
  await killPodProcess(leader.split('_')[0] ?? '');
  await story.kubectl.apply(functionManifest('led', slowCode, { scaling: { initialReplicas: 0 } }));
  // A standby looks every four seconds, and needs a moment for the function: how long a moment is depends on the machine. That
  // it leads within the lease is what the integration test of several operators holds, by a clock of its own.
  await story.untilReady('led', { withinMs: (leaseDurationSeconds + 4) * 1000 + patienceMs });
  expect((await readLease()).spec.holderIdentity).not.toBe(leader);
});
