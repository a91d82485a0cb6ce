/** One image: what goes into it, and where its Dockerfile stands. */
export interface Component {
  readonly name: string;
  /** Bundled into one file, and one for each part that is loaded when it is needed. */
  readonly entry: string;
  readonly dockerfile: string;
}

export const components: readonly Component[] = [
  {
    name: 'operator',
    entry: 'operator/main.ts',
    dockerfile: 'operator/Dockerfile',
  },
  {
    name: 'activator',
    entry: 'activator/main.ts',
    dockerfile: 'activator/Dockerfile',
  },
  {
    name: 'runtime-nodejs',
    entry: 'runtime-images/nodejs/src/main.ts',
    dockerfile: 'runtime-images/nodejs/Dockerfile',
  },
];

export const defaultRegistry = 'ghcr.io/flint-dev';

/** What users' images stand on: Node, its libraries, certificates, and no shell. */
export const defaultBase = 'gcr.io/distroless/nodejs24-debian13:nonroot';

/** `ghcr.io/flint-dev/operator:0.1.0` */
export function imageReference(
  name: string,
  { registry, tag }: { readonly registry: string; readonly tag: string },
): string {
  return `${registry}/${name}:${tag}`;
}
