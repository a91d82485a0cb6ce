import type { ConfigMap, Pod } from '../../lib/kube/objects.ts';
import type { Secret } from '../controllers/resources.ts';

/** The objects a pod's environment and volumes refer to, by name in its namespace. */
export interface Sources {
  configMap(name: string): ConfigMap | undefined;
  secret(name: string): Secret | undefined;
  /** The token of the pod's service account; undefined on a node that has none to give. */
  token(pod: Pod): string | undefined;
}

/** Names a ConfigMap or Secret as the messages of a kubelet do. */
export interface SourceName {
  readonly kind: 'configmap' | 'secret';
  readonly name: string;
}

/** Key → bytes. */
export type Contents = Readonly<Record<string, Buffer>>;

/** What is in the object; undefined when it does not exist. */
export function readSource(sources: Sources, { kind, name }: SourceName): Contents | undefined {
  if (kind === 'secret') {
    const secret = sources.secret(name);
    return secret === undefined ? undefined : decode(secret.data, 'base64');
  }
  const configMap = sources.configMap(name);
  return configMap === undefined
    ? undefined
    : { ...decode(configMap.data, 'utf8'), ...decode(configMap.binaryData, 'base64') };
}

function decode(data: Readonly<Record<string, string>> = {}, encoding: 'utf8' | 'base64'): Contents {
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text, encoding)]));
}
