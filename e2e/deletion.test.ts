import { expect, it } from 'vitest';
import { functionManifest, greeting } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();
const kinds = ['revisions', 'deployments', 'replicasets', 'pods', 'services', 'configmaps'];

/** `kind/name` of everything that a namespace does not have by itself. */
async function remains(): Promise<string[]> {
  const found = await Promise.all(
    kinds.map(async (kind) => (await story.objects(kind)).map((object) => `${kind}/${object.metadata.name}`)),
  );
  return found.flat().filter((name) => name !== 'configmaps/kube-root-ca.crt');
}

it('a deleted function takes everything that was made for it along, and nothing else', async () => {
  const foreign = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: foreign}\ndata: {kept: "yes"}\n';
  await story.kubectl.apply(foreign);
  await story.kubectl.apply(functionManifest('brief', greeting('hi'), { scaling: { idleTimeout: '10m' } }));
  await story.untilReady('brief');
  await story.request('brief');
  const names = await remains();
  for (const kind of kinds) {
    expect(names.some((name) => name.startsWith(`${kind}/`))).toBe(true);
  }

  await story.kubectl.run('delete', 'function', 'brief');
  await eventually('only the foreign ConfigMap is left', async () => {
    const left = await remains();
    if (left.length > 1) {
      throw new Error(left.join(', '));
    }
    return true;
  });
  expect(await remains()).toEqual(['configmaps/foreign']);
  await eventually('the activator has no such function', async () =>
    (await story.request('brief')).flintError === 'FunctionNotFound' ? true : undefined,
  );
});

it('I3: a Service of the same name that is not ours is neither taken over nor deleted', async () => {
  const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: taken}\nspec: {ports: [{port: 80}]}\n';
  await story.kubectl.apply(service);
  const [before] = await story.objects('services');
  await story.kubectl.apply(functionManifest('taken', greeting('hi')));
  const condition = await eventually('the clash is reported', async () => {
    const fn = await story.function('taken');
    return fn.status?.conditions?.find(({ reason }) => reason === 'NameTaken');
  });
  expect(condition.message).toContain('taken');
  await story.kubectl.run('delete', 'function', 'taken');
  const [after] = await story.objects('services');
  expect(after?.metadata.uid).toBe(before?.metadata.uid);
});
