import { once } from 'node:events';
import { expect, it } from 'vitest';
import { functionManifest } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();
const code = "export default (r) => { console.log('seen', new URL(r.url).pathname); return new Response('hi'); };\n";
const manifest = functionManifest('tool', code, { scaling: { idleTimeout: '5m' } });

story.prepare(async () => {
  await story.kubectl.apply(manifest);
  await story.kubectl.run('wait', '--for=condition=Ready', 'function/tool', '--timeout=90s');
});

it('apply says what it did, by the client and by the server', async () => {
  expect(await story.kubectl.apply(manifest)).toContain('function.flint.dev/tool unchanged');
  expect(await story.kubectl.apply(manifest, '--server-side', '--force-conflicts')).toContain('serverside-applied');
});

it('get prints tables, wide ones, YAML and JSON, by every name of the kind', async () => {
  expect(await story.kubectl.run('get', 'fn')).toMatch(
    /^NAME\s+URL\s+READY\s+REPLICAS\s+AGE\ntool\s+http:\S+\s+True\s+1\s/u,
  );
  expect(await story.kubectl.run('get', 'fn', '-o', 'wide')).toMatch(/REASON\s+REPLICAS\s+REVISION/u);
  expect(await story.kubectl.run('get', 'flint', '-o', 'name')).toContain('revision.flint.dev/tool-');
  expect(await story.kubectl.run('get', 'pods', '-l', 'flint.dev/function=tool')).toMatch(
    /READY\s+STATUS\s+RESTARTS.*\n.*1\/1\s+Running\s+0/u,
  );
  expect(await story.kubectl.run('get', 'fn/tool', '-o', 'jsonpath={.spec.runtime}')).toBe('nodejs');
});

it('get --watch shows changes as they come', async () => {
  const watch = story.kubectl.start(['get', 'fn', '--watch']);
  let seen = '';
  watch.stdout?.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  await eventually('the first row', () => (seen.includes('tool') ? true : undefined));
  await story.kubectl.apply(functionManifest('second', code));
  await eventually('the new row', () => (seen.includes('second') ? true : undefined));
  const ended = once(watch, 'exit');
  watch.kill('SIGINT');
  await ended;
});

it('describe tells conditions of the function and events of its Pod', async () => {
  expect(await story.kubectl.run('describe', 'fn/tool')).toMatch(/Type:\s+Ready/u);
  // A kubelet sends its events when it comes to it.
  await eventually('the event of the start', async () => {
    expect(await story.kubectl.run('describe', 'pods', '-l', 'flint.dev/function=tool')).toMatch(/Normal\s+Started/u);
    return true;
  });
});

it('patch and edit change the function', async () => {
  await story.kubectl.run('patch', 'fn/tool', '--type=merge', '--patch={"spec":{"scaling":{"maxReplicas":9}}}');
  expect((await story.function('tool')).spec.scaling?.maxReplicas).toBe(9);
  await story.kubectl.execute(['edit', 'fn/tool'], '', { KUBE_EDITOR: 'sed -i s/maxReplicas:.9/maxReplicas:\\ 8/' });
  expect((await story.function('tool')).spec.scaling?.maxReplicas).toBe(8);
});

it('logs --follow brings the lines of a request', async () => {
  const [pod] = await story.pods('tool');
  // A kubelet has been seen to send nothing at all, once in some hundred times: then it is asked again, and what was said is told.
  const said = await eventually('the line', () => followUntil(pod?.metadata.name ?? '', 'seen /marked'));
  expect(said).toContain('"requestId":"id-42"');
});

/** What `kubectl logs --follow` prints of one request. @throws Error when the line does not come */
async function followUntil(pod: string, line: string): Promise<string> {
  const logs = story.kubectl.start(['logs', '--follow', pod]);
  const ended = once(logs, 'exit');
  let said = '';
  for (const stream of [logs.stdout, logs.stderr]) {
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  }
  try {
    await story.request('tool', { path: '/marked', headers: { 'x-request-id': 'id-42' } });
    return await eventually('the line', () => (said.includes(line) ? said : undefined), { withinMs: 10_000 });
  } catch (error) {
    const what = `kubectl logs said '${said}' and ended with ${String(logs.exitCode)}`;
    process.stderr.write(`${what}\n`);
    throw new Error(what, { cause: error });
  } finally {
    logs.kill('SIGINT');
    await ended;
  }
}

it('a mistake is refused with its field, what is wrong with it, and nothing is lost', async () => {
  const before = await story.function('tool');
  const wrong = functionManifest('tool', code, { scaling: { target: 0 } });
  const refused = await story.kubectl.refusal(['apply', '--filename=-'], wrong);
  expect(refused).toContain('spec.scaling.target');
  expect(refused).toContain('greater than or equal to 1');
  expect((await story.function('tool')).spec).toEqual(before.spec);
});
