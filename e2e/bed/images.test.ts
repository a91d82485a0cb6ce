import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chart, helm } from '../../charts/tests/chart.ts';
import { buildAll } from '../../images/build.ts';
import { buildImage, removeManifestList } from '../../images/buildah.ts';
import { releaseAll, releasePlatforms } from '../../images/release.ts';
import { readVersion } from '../../images/version.ts';
import { project } from '../framework/local-target.ts';
import { explainMissing, inspectMachine } from './prerequisites.ts';

const missing = explainMissing(await inspectMachine(process.env));

it.skipIf(missing !== undefined)(
  'two builds give the same images, which run as nobody and say what they are',
  { timeout: 600_000 },
  async () => {
    const options = { project, node: process.execPath, registry: 'registry.test/flint', tag: 'verify' };
    const first = await buildAll(options, () => undefined);
    const second = await buildAll(options, () => undefined);
    expect(second.map(({ digest }) => digest)).toEqual(first.map(({ digest }) => digest));
    for (const { reference, user, labels, entrypoint, sbom } of first) {
      expect(reference).toMatch(/^registry\.test\/flint\/[a-z-]+:verify$/u);
      expect(user).toBe('65532:65532');
      expect(entrypoint[0]).toBe('/nodejs/bin/node');
      expect(labels).toMatchObject({
        'org.opencontainers.image.version': readVersion(project),
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.revision': expect.stringMatching(/^([0-9a-f]{40}|unknown)$/u) as string,
      });
      expect(JSON.parse(await readFile(sbom, 'utf8'))).toMatchObject({ bomFormat: 'CycloneDX' });
    }
  },
);

it.skipIf(missing !== undefined)(
  'a release has each image for amd64 and arm64 in one manifest list, which the chart then names by its digest',
  { timeout: 600_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flint-release-'));
    const base = 'localhost/flint-test-base:1';
    try {
      // Stands for distroless: a manifest list of two platforms. Nothing of it is run.
      await writeFile(join(folder, 'node'), '');
      await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY node /nodejs/bin/node\n');
      await removeManifestList(base);
      await buildImage({
        reference: base,
        dockerfile: join(folder, 'Dockerfile'),
        context: folder,
        platforms: releasePlatforms,
      });
      const layout = join(folder, 'layout');
      const { images, values } = await releaseAll(
        {
          project,
          registry: 'registry.test/flint',
          tag: '1.2.3',
          base,
          to: `oci:${layout}`,
        },
        () => undefined,
      );
      for (const { digest } of images) {
        const blob = join(layout, 'blobs', digest.replace(':', '/'));
        const { manifests } = JSON.parse(await readFile(blob, 'utf8')) as {
          manifests: { platform: { os: string; architecture: string } }[];
        };
        expect(manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`).toSorted()).toEqual(
          releasePlatforms,
        );
      }
      const rendered = await helm(['template', chart, `--values=${values}`]);
      for (const { component, digest } of images) {
        expect(rendered).toContain(`registry.test/flint/${component.name}@${digest}`);
      }
    } finally {
      await removeManifestList(base);
      await rm(folder, { recursive: true });
    }
  },
);
