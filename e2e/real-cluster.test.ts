import { load } from 'js-yaml';
import { expect } from 'vitest';
import type { FunctionSpec } from '../lib/api/function.ts';
import type { Runtime } from '../lib/api/runtime.ts';
import { clusterIt } from './framework/current-target.ts';
import { functionManifest, greeting } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

/** What only a real kubelet, scheduler and network can do. */

const story = tellStories();

/** An image with Node in it that this cluster has: the runtime's own. */
async function nodeImage(): Promise<string> {
  return (await story.kubectl.json<Runtime>('get', 'runtime/nodejs')).spec.image;
}

async function imageFunction(name: string, script: string, spec: Partial<FunctionSpec> = {}): Promise<string> {
  const own = load(functionManifest(name, '')) as { spec: FunctionSpec };
  const { runtime: _, ...rest } = own.spec;
  const source = { image: await nodeImage() };
  return JSON.stringify({
    ...own,
    spec: { ...rest, source, command: ['/nodejs/bin/node', '--eval', script], ...spec },
  });
}

const server = `require('http').createServer((_, r) => r.end('from ' + process.env.PORT)).listen(process.env.PORT)`;

clusterIt('a container that only knows $PORT is a function', async () => {
  await story.kubectl.apply(await imageFunction('container', server, { port: 9000 }));
  await story.untilReady('container');
  await story.untilZero('container');
  expect((await story.request('container')).text).toBe('from 9000');
});

clusterIt('another Pod calls a function by http://NAME.NAMESPACE, from zero', { timeout: 240_000 }, async () => {
  await story.kubectl.apply(functionManifest('called', greeting('hello over DNS')));
  await story.untilReady('called');
  await story.untilZero('called');
  const script = `fetch('http://called.${story.namespace}/').then((r) => r.text()).then(console.log)`;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'caller' },
    spec: {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: await nodeImage(), command: ['/nodejs/bin/node', '--eval', script] }],
    },
  };
  await story.kubectl.apply(JSON.stringify(pod));
  await eventually(
    'the answer is in the log',
    async () => ((await story.kubectl.run('logs', 'caller')).includes('hello over DNS') ? true : undefined),
    { withinMs: 60_000 },
  );
});

clusterIt(
  'the last line of a container that ends is why its function does not start',
  { timeout: 240_000 },
  async () => {
    await story.kubectl.apply(await imageFunction('broken', "console.error('it broke'); process.exit(3)"));
    await story.untilReason('broken', 'ContainerCrashed', 'exit code 3: it broke', { withinMs: 90_000 });
    expect(await story.request('broken')).toMatchObject({ status: 503, flintError: 'ColdStartFailed' });
    await story.kubectl.run('delete', 'function', 'broken');
  },
);
