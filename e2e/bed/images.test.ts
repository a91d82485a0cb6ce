import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { buildAll } from '../../images/build.ts';
import { readVersion } from '../../images/version.ts';
import { project } from '../framework/local-target.ts';
import { explainMissing, inspectMachine } from './prerequisites.ts';

const missing = explainMissing(await inspectMachine(process.env));

it.skipIf(missing !== undefined)(
  'two builds give the same images, which run as nobody and say what they are',
  { timeout: 180_000 },
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
