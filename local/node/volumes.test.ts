import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '../../lib/kube/objects.ts';
import { aPod, aPodSpec } from '../controllers/testing/builders.ts';
import type { Sources } from './sources.ts';
import { VolumeStore } from './volume-store.ts';
import { planVolumes, type VolumePlan } from './volumes.ts';

type Volume = NonNullable<Pod['spec']['volumes']>[number];

const sources: Sources = {
  configMap: (name) =>
    name === 'code'
      ? {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name },
          data: { 'index.js': 'export {}' },
          binaryData: { 'logo.png': Buffer.of(1, 2, 255).toString('base64') },
        }
      : undefined,
  secret: (name) =>
    name === 'keys'
      ? {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name },
          data: { token: Buffer.from('s3cret').toString('base64') },
        }
      : undefined,
  token: ({ spec }) => `token of ${spec.serviceAccountName ?? 'default'}`,
};

function plan(volume: Omit<Volume, 'name'>): VolumePlan {
  const pod = aPod('p', aPodSpec({}, { volumes: [{ name: 'v', ...volume }] }));
  const [made] = planVolumes(pod, sources);
  return made ?? { name: '', files: [], isShared: false };
}

function contentsOf({ files }: VolumePlan): Record<string, string> {
  return Object.fromEntries(files.map(({ path, content }) => [path, content.toString()]));
}

describe('a volume', () => {
  const cases: { name: string; volume: Omit<Volume, 'name'>; want: Record<string, string> }[] = [
    { name: 'of emptyDir is empty', volume: { emptyDir: {} }, want: {} },
    {
      name: 'of a Secret has its keys, decoded',
      volume: { secret: { secretName: 'keys' } },
      want: { token: 's3cret' },
    },
    {
      name: 'of a ConfigMap has the keys that are asked for, where they are asked for',
      volume: { configMap: { name: 'code', items: [{ key: 'index.js', path: 'src/main.js' }] } },
      want: { 'src/main.js': 'export {}' },
    },
    {
      name: 'of an optional ConfigMap that is not there is empty',
      volume: { configMap: { name: 'none', optional: true } },
      want: {},
    },
    {
      name: 'of the downward API has its fields',
      volume: { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
      want: { name: 'p' },
    },
    {
      name: 'of projections has them all',
      volume: {
        projected: {
          sources: [
            { secret: { name: 'keys' } },
            { downwardAPI: { items: [{ path: 'ns', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
          ],
        },
      },
      want: { token: 's3cret', ns: 'default' },
    },
    {
      name: 'of a service account has its token',
      volume: { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      want: { token: 'token of default' },
    },
  ];
  for (const { name, volume, want } of cases) {
    it(name, () => {
      expect(contentsOf(plan(volume))).toEqual(want);
    });
  }

  it('of a ConfigMap has text and bytes as they are', () => {
    const { files } = plan({ configMap: { name: 'code' } });
    expect(files.map(({ path, content }) => [path, [...content]])).toEqual([
      ['index.js', [...Buffer.from('export {}')]],
      ['logo.png', [1, 2, 255]],
    ]);
  });

  const refused: { name: string; volume: Omit<Volume, 'name'>; want: string }[] = [
    {
      name: 'a ConfigMap',
      volume: { configMap: { name: 'none' } },
      want: 'MountVolume.SetUp failed for volume "v" : configmap "none" not found',
    },
    { name: 'a Secret', volume: { secret: { secretName: 'none' } }, want: 'secret "none" not found' },
    {
      name: 'a key',
      volume: { configMap: { name: 'code', items: [{ key: 'x', path: 'x' }] } },
      want: 'references non-existent config key: x',
    },
    { name: 'support for its kind', volume: { hostPath: { path: '/' } }, want: 'the embedded node knows emptyDir' },
  ];
  for (const { name, volume, want } of refused) {
    it(`cannot be made without ${name}, in the kubelet's words`, () => {
      expect(() => plan(volume)).toThrow(want);
    });
  }
});

describe('volumes on disk', () => {
  let folder = '';
  let store: VolumeStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flint-volumes-'));
    let name = 0;
    store = new VolumeStore({ folder, nextName: () => String(name++) });
  });
  afterEach(() => rm(folder, { recursive: true }));

  function shared(text: string): VolumePlan {
    return { name: 'code', isShared: true, files: [{ path: 'index.js', content: Buffer.from(text), mode: 0o644 }] };
  }

  it('of the same content are one folder, written once, that nobody may write to', async () => {
    const [first, second] = await Promise.all([store.create([shared('a')], 'p1'), store.create([shared('a')], 'p2')]);
    expect(first.get('code')).toBe(second.get('code'));
    expect(await readdir(folder)).toHaveLength(1);
    const file = join(first.get('code') ?? '', 'index.js');
    expect(await readFile(file, 'utf8')).toBe('a');
    expect((await stat(file)).mode & 0o222).toBe(0);
  });

  it('of other content are another folder', async () => {
    const first = await store.create([shared('a')], 'p1');
    const second = await store.create([shared('b')], 'p2');
    expect(first.get('code')).not.toBe(second.get('code'));
  });

  it('that nobody uses stay for the next start, but only the latest 64 of them', async () => {
    for (let index = 0; index < 70; index++) {
      const plans = [shared(String(index))];
      await store.create(plans, 'p');
      await store.release(plans);
    }
    expect(await readdir(folder)).toHaveLength(64);
    const again = await store.create([shared('69')], 'p');
    expect(await readFile(join(again.get('code') ?? '', 'index.js'), 'utf8')).toBe('69');
  });

  it('that somebody uses are never removed', async () => {
    const kept = await store.create([shared('kept')], 'p');
    for (let index = 0; index < 70; index++) {
      const plans = [shared(String(index))];
      await store.create(plans, 'p');
      await store.release(plans);
    }
    expect(await readFile(join(kept.get('code') ?? '', 'index.js'), 'utf8')).toBe('kept');
  });

  it('of Secrets are in the folder of their pod, with their mode', async () => {
    const secret = {
      name: 'keys',
      isShared: false,
      files: [{ path: 'deep/token', content: Buffer.from('x'), mode: 0o400 }],
    };
    const made = await store.create([secret], join(folder, 'pod'));
    expect(made.get('keys')).toBe(join(folder, 'pod', 'volumes', 'keys'));
    expect((await stat(join(made.get('keys') ?? '', 'deep/token'))).mode & 0o777).toBe(0o400);
  });

  for (const path of ['../escape', 'a/../../escape', '/etc/escape']) {
    it(`never hold a file at ${path}`, async () => {
      const bad = { name: 'v', isShared: false, files: [{ path, content: Buffer.from('x'), mode: 0o644 }] };
      await expect(store.create([bad], join(folder, 'pod'))).rejects.toThrow('must not leave the volume');
    });
  }
});
