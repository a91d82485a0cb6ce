import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { makeImages } from './images.ts';
import { componentImages, readInstallation } from './installation.ts';

const project = dirname(dirname(import.meta.dirname));

/** Flags of Node in the entry point, but those that only a bundle needs. */
async function flagsOf(component: string): Promise<string[]> {
  const dockerfile = await readFile(join(project, component, 'Dockerfile'), 'utf8');
  const [, entrypoint = '[]'] = /^ENTRYPOINT (.*)$/mu.exec(dockerfile) ?? [];
  return (JSON.parse(entrypoint) as string[]).slice(1, -1).filter((flag) => flag !== '--enable-source-maps');
}

it.each(['operator', 'activator'] as const)(
  'the %s runs with the flags of Node that its image has',
  async (component) => {
    const installation = await readInstallation(project);
    const images = makeImages(installation, { project, apiUrl: 'http://127.0.0.1:1', execPath: '/bin/node' });
    const image = componentImages(installation).get(component);
    expect(images.get(image ?? '')?.command).toEqual([
      '/bin/node',
      ...(await flagsOf(component)),
      join(project, component, 'main.ts'),
    ]);
  },
);
