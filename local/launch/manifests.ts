import { readFile } from 'node:fs/promises';
import { loadAll } from 'js-yaml';
import { errorMessage } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { Resource } from '../../lib/kube/resources.ts';

/** Who owns the fields of what is applied at the start; kubectl's own name, so that a later `kubectl apply` takes over without a conflict. */
const fieldManager = 'kubectl';

/** A manifest that a user named cannot be applied. The message says which one and why. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** The objects of one YAML file, in its order. @throws ManifestError naming the file when it cannot be read or has no object in it. */
export async function readManifest(file: string): Promise<KubeObject[]> {
  const documents = await parseFile(file);
  return documents.map((document, index) => {
    if (!isKubeObject(document)) {
      throw new ManifestError(
        `${file}: document ${index + 1} is no Kubernetes object (apiVersion, kind, metadata.name)`,
      );
    }
    return document;
  });
}

export interface Applier {
  readonly client: Pick<KubeClient, 'apply'>;
  /** The kind's place in the API. @throws Error for a kind that the cluster does not know. */
  readonly resourceOf: (object: KubeObject) => Resource;
}

/**
 * Applies in order. Namespaced objects without a namespace go to `default`, as kubectl does it.
 * @throws ManifestError naming the object that is refused
 */
export async function applyAll(
  applier: Applier,
  objects: readonly KubeObject[],
  complete: (placed: KubeObject) => KubeObject = (placed) => placed,
): Promise<void> {
  for (const object of objects) {
    try {
      await applyOne(applier, object, complete);
    } catch (error) {
      const { kind, metadata } = object;
      throw new ManifestError(`${kind} '${metadata.name}' is refused: ${errorMessage(error)}`, { cause: error });
    }
  }
}

/** With the annotation by which `kubectl apply` knows what it applied last: without, it warns whoever applies the same again. */
export function withLastApplied(object: KubeObject): KubeObject {
  const { metadata } = object;
  const lastApplied = `${JSON.stringify({ ...object, metadata: { annotations: {}, ...metadata } })}\n`;
  const annotations = { ...metadata.annotations, 'kubectl.kubernetes.io/last-applied-configuration': lastApplied };
  return { ...object, metadata: { ...metadata, annotations } };
}

async function applyOne(
  { client, resourceOf }: Applier,
  object: KubeObject,
  complete: (placed: KubeObject) => KubeObject,
): Promise<void> {
  const resource = resourceOf(object);
  const namespace = object.metadata.namespace ?? 'default';
  const placed = resource.namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object;
  await client.apply(resource, complete(placed), { fieldManager, force: true });
}

async function parseFile(file: string): Promise<unknown[]> {
  try {
    return loadAll(await readFile(file, 'utf8')).filter((document) => document !== null && document !== undefined);
  } catch (error) {
    throw new ManifestError(`cannot read the manifest ${file}: ${errorMessage(error)}`, { cause: error });
  }
}

function isKubeObject(value: unknown): value is KubeObject {
  const object = value as Partial<KubeObject> | null;
  return (
    typeof object === 'object' &&
    object !== null &&
    typeof object.apiVersion === 'string' &&
    typeof object.kind === 'string' &&
    typeof object.metadata?.name === 'string'
  );
}
