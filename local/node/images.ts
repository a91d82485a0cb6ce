/** What runs in place of an image. */
export interface ImageCommand {
  /** Program and arguments: the image's entrypoint. */
  readonly command: readonly string[];
  /** The program is Node: it gets the node's compile cache, and a heap that fits the container's memory limit. */
  readonly isNode?: boolean;
  /** As the image's own environment; the container's comes over it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Name of a container's port → the variable that tells the program where to listen, since the node chooses the number. */
  readonly portVariables?: Readonly<Record<string, string>>;
}

/** Image reference → command. A reference without tag and digest stands for all of them. */
export type ImageTable = ReadonlyMap<string, ImageCommand>;

export function findImage(images: ImageTable, reference: string): ImageCommand | undefined {
  return images.get(reference) ?? images.get(repositoryOf(reference));
}

/** `ghcr.io/flint-dev/runtime-nodejs:0.1.0@sha256:…` → `ghcr.io/flint-dev/runtime-nodejs`. A colon before a slash is a port. */
function repositoryOf(reference: string): string {
  const [name = ''] = reference.split('@');
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}

/** In the words of a kubelet whose registry has no such image, and with what to do about it. */
export function makePullError(images: ImageTable, reference: string): string {
  const known = [...images.keys()].join(', ');
  return (
    `failed to pull and unpack image "${reference}": not found: ` +
    `the embedded node runs no containers, only the images it has a program for (${known})`
  );
}
