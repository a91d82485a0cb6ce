import { afterAll, beforeAll, describe, expect } from 'vitest';
import { currentTarget, localIt } from './framework/current-target.ts';
import { type Fault, type FaultProxy, startFaultProxy } from './framework/fault-proxy.ts';
import { type LocalFlint, startLocalFlint } from './framework/local-target.ts';
import { functionManifest, greeting, slowCode } from './framework/manifest.ts';
import { eventually, pause } from './framework/patience.ts';
import { Steps } from './framework/steps.ts';
import { setComponentEnv } from './framework/target.ts';
import { Traffic } from './framework/traffic.ts';

/**
 * I8: what an API server in trouble must not do to a Flint that serves. Operator and activator reach it through a proxy that
 * disturbs; kubectl does not.
 */

const outageMs = 8000;
let flint: LocalFlint;
let proxy: FaultProxy;
let story: Steps;

beforeAll(async () => {
  if (currentTarget?.kind !== 'local') {
    return;
  }
  flint = await startLocalFlint();
  proxy = await startFaultProxy(flint.ready.apiUrl);
  story = new Steps(flint.target, 'default');
  await setComponentEnv(flint.target, { FLINT_KUBE_URL: proxy.url });
  await story.kubectl.apply(functionManifest('warm', slowCode, { scaling: { idleTimeout: '10m', minReplicas: 2 } }));
  await story.kubectl.apply(functionManifest('cold', greeting('woken')));
  await story.untilReady('warm');
  await story.untilReady('cold');
});

afterAll(async () => {
  if (currentTarget?.kind === 'local') {
    await flint.stop();
    await proxy.close();
  }
});

const faults: readonly { readonly name: string; readonly fault: Fault }[] = [
  { name: 'is gone', fault: { kind: 'unreachable' } },
  { name: 'says nothing', fault: { kind: 'silent' } },
  { name: 'answers 500 to everything', fault: { kind: 'answers', status: 500 } },
  { name: 'answers 429 to everything', fault: { kind: 'answers', status: 429, retryAfterSeconds: 1 } },
  { name: 'takes a second for everything', fault: { kind: 'slow', ms: 1000 } },
];

describe.each(faults)('an API server that $name', ({ name, fault }) => {
  localIt('I8: harms no warm request, scales nothing, and is found again', { timeout: 240_000 }, async () => {
    await story.untilPods('warm', (count) => count === 2);
    await story.untilZero('cold');
    const replicas = await story.podUids('warm');
    const traffic = new Traffic(story, 'warm');
    proxy.set(fault);
    await pause(outageMs);
    expect(await story.podUids('warm')).toEqual(replicas);
    const waking = story.request('cold');
    await pause(500);
    proxy.set({ kind: 'none' });
    expect(await waking).toMatchObject({ status: 200, text: 'woken' });
    const { requests, failures } = await traffic.stop();
    expect(failures).toEqual([]);
    expect(requests).toBeGreaterThan(100);
    const content = `new after ${name}`;
    await story.kubectl.apply(functionManifest('later', greeting(content)));
    await story.untilReady('later', { withinMs: 60_000 });
    // The activator's watches come back after a pause that grew with the outage.
    await eventually('the activator knows it', async () =>
      (await story.request('later')).text === content ? true : undefined,
    );
    expect(await story.podUids('warm')).toEqual(replicas);
  });
});
