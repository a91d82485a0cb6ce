import { join } from 'node:path';
import { serviceAccountFolder } from '../../lib/kube/connection.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { ImageCommand, ImageTable } from '../node/images.ts';
import { componentImages, shippedRuntimes } from './installation.ts';

export interface ImageSettings {
  /** The project's root. */
  readonly project: string;
  readonly apiUrl: string;
  /** Node that runs all of it. */
  readonly execPath: string;
}

const loopback = '127.0.0.1';

/** Flint's own images as programs of this checkout: what an installation refers to, the node can run. */
export function makeImages(installation: readonly KubeObject[], settings: ImageSettings): ImageTable {
  const components = [...componentImages(installation)].map(
    ([component, image]) => [image, makeComponent(component, settings)] as const,
  );
  const runtimes = shippedRuntimes(installation).map(({ spec }) => [spec.image, makeRuntime(settings)] as const);
  return new Map([...components, ...runtimes]);
}

function makeComponent(component: string, { project, apiUrl, execPath }: ImageSettings): ImageCommand {
  return {
    command: [execPath, ...nodeFlags(component), join(project, component, 'main.ts')],
    isNode: true,
    env: {
      // One for all starts of this checkout, whatever the data folder: the second start skips stripping types.
      NODE_COMPILE_CACHE: join(project, 'node_modules/.cache/flint'),
      FLINT_KUBE_URL: apiUrl,
      FLINT_KUBE_TOKEN_FILE: `${serviceAccountFolder}/token`,
      FLINT_ADMIN_HOST: loopback,
      FLINT_LISTEN_HOST: loopback,
    },
    portVariables: { http: 'FLINT_LISTEN_PORT', admin: 'FLINT_ADMIN_PORT' },
  };
}

/** As in the images' entry points. */
function nodeFlags(component: string): readonly string[] {
  return component === 'operator' ? ['--max-semi-space-size=8'] : [];
}

function makeRuntime({ project, execPath }: ImageSettings): ImageCommand {
  return {
    command: [execPath, join(project, 'runtime-images/nodejs/src/main.ts')],
    isNode: true,
    env: { HOST: loopback },
  };
}
