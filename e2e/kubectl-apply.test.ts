import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigMap, Deployment, ReplicaSet } from '../lib/kube/objects.ts';
import { KubectlError } from './framework/kubectl.ts';
import { configMapManifest as configMap, functionManifest, greeting } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

/** What kubectl applies and takes away, on whichever cluster the stories are told: only what both print is looked at. */

const story = tellStories();
const image = 'example.com/none:1';
const atZero = { scaling: { initialReplicas: 0 } };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flint-apply-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function write(name: string, content: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return `--filename=${file}`;
}

describe('applying', () => {
  it('diff tells what apply would change, by its exit code too, and changes nothing', async () => {
    const { kubectl } = story;
    await kubectl.apply(configMap('compared', { a: '1' }));
    expect(await kubectl.run('diff', await write('same.yaml', configMap('compared', { a: '1' })))).toBe('');
    const changed = await kubectl
      .run('diff', await write('other.yaml', configMap('compared', { a: '2' })))
      .catch((error: unknown) => error);
    expect(changed).toBeInstanceOf(KubectlError);
    expect((changed as KubectlError).stdout).toMatch(/^-\s+a: "1"\n\+\s+a: "2"$/mu);
    expect((await kubectl.json<ConfigMap>('get', 'configmap/compared')).data).toEqual({ a: '1' });
  });

  it('apply by the client remembers what was applied last, shows it and lets it be edited', async () => {
    const { kubectl } = story;
    await kubectl.apply(configMap('kept', { a: '1', b: '1' }));
    await kubectl.run('patch', 'configmap/kept', '--type=merge', '--patch={"data":{"c":"1"}}');
    await kubectl.apply(configMap('kept', { a: 'two' }));
    // What was applied and is no longer goes; what others wrote stays.
    expect((await kubectl.json<ConfigMap>('get', 'configmap/kept')).data).toEqual({ a: 'two', c: '1' });
    expect(await kubectl.run('apply', 'view-last-applied', 'configmap/kept')).toMatch(/data:\n {2}a: two\nkind/u);
    const editor = { KUBE_EDITOR: 'sed -i s/two/three/' };
    await kubectl.execute(['apply', 'edit-last-applied', 'configmap/kept'], '', editor);
    expect(await kubectl.run('apply', 'view-last-applied', 'configmap/kept')).toContain('a: three');
    expect((await kubectl.json<ConfigMap>('get', 'configmap/kept')).data).toEqual({ a: 'two', c: '1' });
    await kubectl.run('apply', 'set-last-applied', await write('kept.yaml', configMap('kept', { a: 'four' })));
    expect(await kubectl.run('apply', 'view-last-applied', 'configmap/kept')).toContain('a: four');
  });

  it('apply to a Function by the client takes back what it stated before', async () => {
    const { kubectl } = story;
    const manifest = (maxReplicas: number | undefined): string =>
      functionManifest('applied', greeting('hi'), {
        scaling: { initialReplicas: 0, ...(maxReplicas === undefined ? {} : { maxReplicas }) },
      });
    await kubectl.apply(manifest(7));
    expect((await story.function('applied')).spec.scaling?.maxReplicas).toBe(7);
    expect(await kubectl.apply(manifest(7))).toBe('function.flint.dev/applied unchanged\n');
    expect(await kubectl.apply(manifest(undefined))).toBe('function.flint.dev/applied configured\n');
    expect((await story.function('applied')).spec.scaling?.maxReplicas).toBe(100);
  });

  it('apply --dry-run=server answers as if, and leaves nothing', async () => {
    const { kubectl } = story;
    expect(await kubectl.apply(configMap('never', { a: '1' }), '--dry-run=server')).toBe(
      'configmap/never created (server dry run)\n',
    );
    expect(await kubectl.refusal(['get', 'configmap/never'])).toContain('configmaps "never" not found');
  });

  it('a misspelt field is refused with its path, of any kind; a warning is enough if one says so', async () => {
    const { kubectl } = story;
    const container = { name: 'c', image, imagee: 'x' };
    const wrong = (replicas: unknown, containers: readonly object[]): string =>
      dump({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'wrong' },
        spec: {
          replicas,
          selector: { matchLabels: { app: 'wrong' } },
          template: { metadata: { labels: { app: 'wrong' } }, spec: { containers } },
        },
      });
    const apply = ['apply', '--filename=-'];
    expect(await kubectl.refusal(apply, wrong(0, [container]))).toContain(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[0].imagee"',
    );
    expect(await kubectl.refusal(apply, wrong('none', [{ name: 'c', image }]))).toContain(
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
    expect(await kubectl.refusal([...apply, '--server-side'], wrong(0, [container]))).toContain(
      '.spec.template.spec.containers[name="c"].imagee: field not declared in schema',
    );
    const { stdout, stderr } = await kubectl.execute([...apply, '--validate=warn'], wrong(0, [container]));
    expect(stdout).toBe('deployment.apps/wrong created\n');
    expect(stderr).toContain('Warning: unknown field "spec.template.spec.containers[0].imagee"');
    expect(
      (await kubectl.json<Deployment>('get', 'deployment/wrong')).spec.template.spec?.containers[0],
    ).not.toHaveProperty('imagee');
    expect(await kubectl.refusal(apply, functionManifest('wrong', '', { runtim: 'x' } as object))).toContain(
      'strict decoding error: unknown field "spec.runtim"',
    );
  });

  it('apply --kustomize applies a folder with Functions', async () => {
    const { kubectl } = story;
    const overlay = join(folder, 'overlay');
    await mkdir(overlay);
    await writeFile(join(overlay, 'function.yaml'), functionManifest('layered', greeting('hi'), atZero));
    const kustomization = {
      resources: ['function.yaml'],
      namePrefix: 'my-',
      labels: [{ pairs: { layer: 'top' } }],
      patches: [
        {
          target: { kind: 'Function' },
          patch: JSON.stringify([{ op: 'add', path: '/spec/scaling/maxReplicas', value: 4 }]),
        },
      ],
      configMapGenerator: [{ name: 'settings', literals: ['a=1'] }],
    };
    await writeFile(join(overlay, 'kustomization.yaml'), dump(kustomization));
    const applied = await kubectl.run('apply', `--kustomize=${overlay}`);
    expect(applied).toMatch(/configmap\/my-settings-\w+ created\nfunction\.flint\.dev\/my-layered created\n/u);
    // What the operator writes of it while kubectl compares would be a difference, too.
    await story.untilReady('my-layered');
    expect(await kubectl.run('diff', `--kustomize=${overlay}`)).toBe('');
    expect(await story.function('my-layered')).toMatchObject({
      metadata: { labels: { layer: 'top' } },
      spec: { scaling: { maxReplicas: 4 } },
    });
    await kubectl.run('delete', `--kustomize=${overlay}`);
  });
});

describe('taking away', () => {
  /** Labels of this run alone: kinds without a namespace are pruned too. */
  const labels = (): Record<string, string> => ({ set: story.namespace });

  it('apply --prune takes away what was applied and is no longer stated', async () => {
    const { kubectl } = story;
    const [stays, goes] = [configMap('stays', { a: '1' }, labels()), configMap('goes', { a: '1' }, labels())];
    await kubectl.apply(`${stays}---\n${goes}`);
    const pruned = await kubectl.apply(stays, '--prune', `--selector=set=${story.namespace}`);
    expect(pruned).toBe('configmap/stays unchanged\nconfigmap/goes pruned\n');
    expect(await kubectl.run('get', 'configmaps', `--selector=set=${story.namespace}`, '--output=name')).toBe(
      'configmap/stays\n',
    );
  });

  it('apply --prune takes Functions away where they are named', async () => {
    const { kubectl } = story;
    const manifest = functionManifest('pruned', greeting('hi'), atZero);
    await kubectl.apply(manifest);
    await kubectl.run('label', 'function/pruned', `fns=${story.namespace}`);
    const rest = configMap('unpruned', { a: '1' }, { fns: story.namespace });
    const flags = ['--prune', `--selector=fns=${story.namespace}`, '--prune-allowlist=flint.dev/v1alpha1/Function'];
    expect(await kubectl.apply(rest, ...flags)).toContain('function.flint.dev/pruned pruned');
    expect(await kubectl.refusal(['get', 'function/pruned'])).toContain('functions.flint.dev "pruned" not found');
  });

  it('apply --prune --applyset takes away what left the set', async () => {
    const { kubectl } = story;
    const apply = (manifest: string): Promise<{ stdout: string }> =>
      kubectl.execute(['apply', '--filename=-', '--prune', '--applyset=members'], manifest, {
        KUBECTL_APPLYSET: 'true',
      });
    const [first, second] = [configMap('first', { a: '1' }), configMap('second', { a: '1' })];
    await apply(`${first}---\n${second}`);
    expect((await apply(second)).stdout).toBe('configmap/second unchanged\nconfigmap/first pruned\n');
  });

  it('delete leaves what an object made, waits for it, or lets it go later', async () => {
    const { kubectl } = story;
    const replicaSets = async (name: string): Promise<readonly ReplicaSet[]> =>
      (await kubectl.json<{ items: ReplicaSet[] }>('get', 'replicasets', `--selector=app=${name}`)).items;
    for (const [name, cascade] of Object.entries({ left: 'orphan', awaited: 'foreground', later: 'background' })) {
      await kubectl.run('create', 'deployment', name, `--image=${image}`, '--replicas=0');
      await kubectl.run('rollout', 'status', `deployment/${name}`, '--timeout=90s');
      expect(await replicaSets(name)).toHaveLength(1);
      expect(await kubectl.run('delete', `deployment/${name}`, `--cascade=${cascade}`)).toContain(
        `deployment.apps "${name}" deleted`,
      );
    }
    expect((await replicaSets('left')).map(({ metadata }) => metadata.ownerReferences ?? [])).toEqual([[]]);
    expect(await replicaSets('awaited')).toEqual([]);
    await eventually('the last one is collected', async () =>
      (await replicaSets('later')).length === 0 ? true : undefined,
    );
  });

  it('delete of what is not there fails, unless that is no matter', async () => {
    const { kubectl } = story;
    expect(await kubectl.refusal(['delete', 'function/none'])).toContain('functions.flint.dev "none" not found');
    await kubectl.run('delete', 'function/none', '--ignore-not-found');
    expect(await kubectl.run('delete', 'configmap/unpruned', '--dry-run=server')).toContain('(server dry run)');
    expect(await kubectl.run('get', 'configmap/unpruned', '--output=name')).toBe('configmap/unpruned\n');
  });
});
