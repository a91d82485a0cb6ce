import { createServer, get, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { FunctionObject } from '../lib/api/function.ts';
import type { Revision } from '../lib/api/revision.ts';
import { type Clock, systemClock, systemRandom } from '../lib/clock.ts';
import type { Pod } from '../lib/kube/objects.ts';
import { silentLogger } from '../lib/log.ts';
import { Metrics } from '../lib/metrics.ts';
import { FakeClock } from '../lib/testing/fake-clock.ts';
import { type Activator, makeActivator } from './app.ts';
import { loadConfig } from './config.ts';
import { readAll, until } from './http/testing/front.ts';
import { FakeApi } from './testing/fake-api.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) {
    await stop();
  }
});

const fn: FunctionObject = {
  apiVersion: 'flint.dev/v1alpha1',
  kind: 'Function',
  metadata: { name: 'hello', namespace: 'shop', uid: 'fn', generation: 1 },
  spec: { runtime: 'nodejs', source: { inline: '' } },
  status: { traffic: [{ revisionName: 'hello-1', percent: 100 }] },
};

const revision: Revision = {
  apiVersion: 'flint.dev/v1alpha1',
  kind: 'Revision',
  metadata: { name: 'hello-1', namespace: 'shop', uid: 'revision' },
  spec: { functionName: 'hello', image: 'image', port: 8080, protocol: 'Http1' },
};

function aPod(port: number): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'pod-1',
      namespace: 'shop',
      uid: 'pod-1',
      labels: { 'flint.dev/function': 'hello', 'flint.dev/revision': 'hello-1' },
    },
    spec: { containers: [{ name: 'function', ports: [{ name: 'http', containerPort: port }] }] },
    status: { phase: 'Running', podIP: '127.0.0.1' },
  };
}

interface Started {
  readonly activator: Activator;
  readonly stop: () => Promise<void>;
  readonly metrics: Metrics;
}

function start(api: FakeApi, env: Record<string, string> = {}, clock: Clock = systemClock): Started {
  const config = loadConfig({
    FLINT_KUBE_URL: 'http://127.0.0.1:1',
    FLINT_LISTEN_HOST: '127.0.0.1',
    FLINT_LISTEN_PORT: '0',
    FLINT_ADMIN_HOST: '127.0.0.1',
    FLINT_ADMIN_PORT: '0',
    FLINT_LAME_DUCK: '0s',
    FLINT_DRAIN_TIMEOUT: '1s',
    ...env,
  });
  const metrics = new Metrics();
  const deps = { config, client: api, clock, random: systemRandom, log: silentLogger, metrics };
  const activator = makeActivator(deps);
  const signal = new AbortController();
  const running = activator.run(signal.signal);
  const stop = async (): Promise<void> => {
    signal.abort();
    await running;
  };
  stops.push(stop);
  return { activator, stop, metrics };
}

async function ask(port: number, host: string): Promise<{ status: number | undefined; text: string; timing: unknown }> {
  const outgoing = get({ port, host: '127.0.0.1', headers: { host }, agent: false });
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode, text: await readAll(response), timing: response.headers['server-timing'] };
}

describe('the activator as a whole', () => {
  it('wakes a function for its first request, answers it, and knows what it has counted', async () => {
    const replica = createServer((_request, response) => response.end('hello'));
    replica.listen(0, '127.0.0.1');
    await once(replica, 'listening');
    stops.push(() => replica.close());
    const pod = aPod((replica.address() as AddressInfo).port);
    const api = new FakeApi();
    api.put(fn);
    api.put(revision);
    api.onScale = (_name, replicas) => {
      if (replicas > 0) {
        api.put(pod);
      } else {
        api.delete(pod);
      }
    };
    const { activator, metrics } = start(api);
    await until(() => activator.isReady);

    const cold = await ask(activator.port, 'hello.shop');
    expect(cold).toMatchObject({ status: 200, text: 'hello' });
    expect(cold.timing).toMatch(
      /^queue;dur=[\d.]+, schedule;dur=[\d.]+, start;dur=[\d.]+, load;dur=0, app;dur=[\d.]+$/u,
    );
    expect(api.scales).toEqual([{ name: 'hello-1', replicas: 1 }]);
    expect(await ask(activator.port, 'hello.shop.svc.cluster.local')).toMatchObject({
      text: 'hello',
      timing: undefined,
    });
    expect(await ask(activator.port, 'helo.shop')).toMatchObject({ status: 404 });

    const page = await metrics.render();
    expect(page).toContain('flint_activator_requests_total{namespace="shop",function="hello",code="200"} 2');
    expect(page).toContain('flint_activator_problems_total{code="FunctionNotFound"} 1');
    expect(page).toMatch(/flint_activator_cold_start_seconds_count\{phase="schedule"\} 1/u);

    api.delete(fn);
    await until(() => api.scales.length >= 1);
    expect(await ask(activator.port, 'hello.shop')).toMatchObject({ status: 404 });
    expect(await metrics.render()).not.toContain('function="hello"');
  });

  it('leaves no metrics of a function that goes while a request waits for it', async () => {
    const api = new FakeApi();
    api.put(fn);
    api.put(revision);
    const { activator, metrics } = start(api);
    await until(() => activator.isReady);
    const asked = ask(activator.port, 'hello.shop');
    await until(() => api.scales.length > 0);
    api.delete(fn);
    expect(await asked).toMatchObject({ status: 404 });
    // The answer is counted once it is out, which its reader may know a moment before.
    let page = '';
    while (!page.includes('code="404"')) {
      page = await metrics.render();
    }
    expect(page).not.toContain('function="hello"');
  });

  it('tells a request at once why its function cannot start', async () => {
    const api = new FakeApi();
    const condition = {
      type: 'Ready',
      status: 'False' as const,
      reason: 'CodeDidNotLoad',
      message: 'line 1',
      lastTransitionTime: '',
    };
    api.put({ ...fn, status: { conditions: [condition] } } as FunctionObject);
    const { activator } = start(api);
    await until(() => activator.isReady);
    const answer = await ask(activator.port, 'hello.shop');
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'ColdStartFailed', detail: 'CodeDidNotLoad: line 1' });
  });

  it('takes no request before it knows every function, and no more once it is told to stop', async () => {
    const api = new FakeApi();
    const { activator, stop } = start(api);
    expect(activator.isReady).toBe(false);
    await until(() => activator.isReady);
    await stop();
    expect(activator.isReady).toBe(false);
  });

  it.each([true, false])('I10: scales down only until it is told to stop: %s', async (isStopped) => {
    const api = new FakeApi();
    api.put(fn);
    api.put(revision);
    api.put(aPod(1));
    api.onScale = () => {
      api.delete(aPod(1));
    };
    const clock = new FakeClock();
    const { activator, stop } = start(api, { FLINT_LAME_DUCK: '10m' }, clock);
    await until(() => activator.isReady);
    const stopped = isStopped ? stop() : undefined;
    await clock.advance(300_000);
    expect(api.scales).toEqual(isStopped ? [] : [{ name: 'hello-1', replicas: 0 }]);
    const stopping = stopped ?? stop();
    await clock.advance(700_000);
    await stopping;
    expect(api.scales).toHaveLength(isStopped ? 0 : 1);
  });

  it('looks at labelled Pods only, in the namespaces that it is for', async () => {
    const api = new FakeApi();
    const { activator } = start(api, { FLINT_NAMESPACES: 'shop,bar' });
    await until(() => activator.isReady);
    expect([...api.asked].sort()).toEqual([
      'functions bar *',
      'functions shop *',
      'pods bar flint.dev/function',
      'pods shop flint.dev/function',
      'revisions bar *',
      'revisions shop *',
    ]);
  });
});
