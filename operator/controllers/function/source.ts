import type { FunctionObject } from '../../../lib/api/function.ts';
import type { Failure, FailureReason } from '../../../lib/api/reasons.ts';
import type { Runtime } from '../../../lib/api/runtime.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { ConfigMapData } from '../../../lib/kube/objects.ts';
import { configMaps } from '../../../lib/kube/resources.ts';
import type { CachedConfigMap } from '../../cached-objects.ts';
import { type CodeDigest, digestCode } from './code.ts';

export interface ImageSource {
  readonly kind: 'image';
  readonly image: string;
}

export interface CodeSource {
  readonly kind: 'code';
  readonly runtime: Runtime;
  readonly digest: CodeDigest;
  /** The files themselves, or the ConfigMap that has them. */
  readonly origin: { readonly files: ConfigMapData } | { readonly configMap: string };
}

export type Source = ImageSource | CodeSource | { readonly kind: 'missing'; readonly failure: Failure };

/** Those that the function names and that exist. */
export interface SourceInputs {
  readonly runtime?: Runtime | undefined;
  readonly configMap?: CachedConfigMap | undefined;
}

/** What the function runs, or what is missing for it. */
export function readSource(fn: FunctionObject, { runtime, configMap }: SourceInputs): Source {
  const { source, runtime: runtimeName = '' } = fn.spec;
  if (source.image !== undefined) {
    return { kind: 'image', image: source.image };
  }
  if (runtime === undefined) {
    const message = `there is no Runtime '${runtimeName}'; 'kubectl get runtimes' lists those there are`;
    return missing('RuntimeNotFound', message);
  }
  if (source.inline !== undefined) {
    const files = { data: { [runtime.spec.entryFiles[0] ?? 'index.mjs']: source.inline } };
    return { kind: 'code', runtime, digest: digestCode(files), origin: { files } };
  }
  const { namespace = '' } = fn.metadata;
  const name = source.configMap?.name ?? '';
  return configMap === undefined
    ? missing('ConfigMapNotFound', `there is no ConfigMap '${name}' with code in the namespace '${namespace}'`)
    : { kind: 'code', runtime, digest: configMap.digest, origin: { configMap: name } };
}

/**
 * The files that were looked at; those of a ConfigMap are not kept in memory, so they are read when they are needed.
 * @throws Error when the ConfigMap has changed since: its change is about to arrive, or has
 */
export async function readFiles(
  client: Pick<KubeClient, 'get'>,
  namespace: string,
  { origin, digest }: CodeSource,
): Promise<ConfigMapData> {
  if ('files' in origin) {
    return origin.files;
  }
  const { data = {}, binaryData = {} } = await client.get(configMaps, { namespace, name: origin.configMap });
  if (digestCode({ data, binaryData }).sha256 !== digest.sha256) {
    throw new Error(`the ConfigMap '${origin.configMap}' changed while it was read`);
  }
  return { data, binaryData };
}

function missing(reason: FailureReason, message: string): Source {
  return { kind: 'missing', failure: { reason, message } };
}
