import type { FunctionObject } from '../../../lib/api/function.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import type { Runtime } from '../../../lib/api/runtime.ts';
import type { ConfigMap } from '../../../lib/kube/objects.ts';
import { canonicalJson, sha256 } from './canonical.ts';

/** The files of a function, as a ConfigMap keeps them. */
export interface Code {
  readonly data: Readonly<Record<string, string>>;
  /** base64 */
  readonly binaryData: Readonly<Record<string, string>>;
  readonly sha256: string;
  /** Sorted. */
  readonly files: readonly string[];
}

export type Source =
  | { readonly kind: 'image'; readonly image: string }
  | { readonly kind: 'code'; readonly runtime: Runtime; readonly code: Code }
  | { readonly kind: 'missing'; readonly failure: Failure };

/** The API server refuses objects of about 1 MiB more; a ConfigMap that large could not be copied. */
const largestBytes = 1_000_000;

export interface SourceLookup {
  runtime(name: string): Runtime | undefined;
  configMap(namespace: string, name: string): ConfigMap | undefined;
}

/** What the function runs, or what is missing for it. */
export function readSource(fn: FunctionObject, lookup: SourceLookup): Source {
  const { source, runtime: runtimeName = '' } = fn.spec;
  if (source.image !== undefined) {
    return { kind: 'image', image: source.image };
  }
  const runtime = lookup.runtime(runtimeName);
  if (runtime === undefined) {
    return missing(
      'RuntimeNotFound',
      `there is no Runtime '${runtimeName}'; kubectl get runtimes lists those there are`,
    );
  }
  if (source.inline !== undefined) {
    const entry = runtime.spec.entryFiles[0] ?? 'index.mjs';
    return { kind: 'code', runtime, code: makeCode({ [entry]: source.inline }, {}) };
  }
  return readConfigMap(fn, runtime, lookup);
}

function readConfigMap({ spec, metadata }: FunctionObject, runtime: Runtime, lookup: SourceLookup): Source {
  const { name = '' } = spec.source.configMap ?? {};
  const { namespace = '' } = metadata;
  const configMap = lookup.configMap(namespace, name);
  if (configMap === undefined) {
    return missing('ConfigMapNotFound', `there is no ConfigMap '${name}' in the namespace '${namespace}'`);
  }
  const code = makeCode(configMap.data ?? {}, configMap.binaryData ?? {});
  const bytes = [...Object.values(code.data), ...Object.values(code.binaryData)].reduce(
    (sum, text) => sum + text.length,
    0,
  );
  return bytes > largestBytes
    ? missing('ConfigMapNotFound', `the ConfigMap '${name}' holds ${bytes} bytes; code may be ${largestBytes} at most`)
    : { kind: 'code', runtime, code };
}

function makeCode(data: Readonly<Record<string, string>>, binaryData: Readonly<Record<string, string>>): Code {
  const files = [...Object.keys(data), ...Object.keys(binaryData)].sort();
  return { data, binaryData, files, sha256: sha256(canonicalJson({ data, binaryData })) };
}

function missing(reason: Failure['reason'], message: string): Source {
  return { kind: 'missing', failure: { reason, message } };
}
