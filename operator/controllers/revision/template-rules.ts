import { functionContainer } from '../../../lib/api/names.ts';
import type { PodTemplateSpec } from '../../../lib/kube/objects.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What Flint itself has against a Pod template, beyond what the API server may have. The template may be of any form: whoever
 * wrote the podTemplate that went into it was not held to one.
 * @param allowHostAccess whether the platform trusts whoever may write Functions with its nodes
 */
export function mistakeIn(template: PodTemplateSpec, allowHostAccess: boolean): string | undefined {
  const spec = fieldsOf(template.spec);
  if (!itemsOf(spec['containers']).some(({ name }) => name === functionContainer)) {
    return `the podTemplate leaves no container '${functionContainer}' in spec.containers`;
  }
  const powers = allowHostAccess ? [] : [...hostNamespaces(spec), ...privileges(spec), ...hostPaths(spec)];
  return powers.length === 0 ? undefined : `a function may not have power over its node: ${powers.join(', ')}`;
}

function hostNamespaces(spec: Fields): readonly string[] {
  return ['hostNetwork', 'hostPID', 'hostIPC'].filter((name) => spec[name] === true);
}

function privileges({ containers, initContainers }: Fields): readonly string[] {
  return [...itemsOf(containers), ...itemsOf(initContainers)]
    .filter(({ securityContext }) => fieldsOf(securityContext)['privileged'] === true)
    .map(({ name }) => `securityContext.privileged of container '${String(name)}'`);
}

function hostPaths({ volumes }: Fields): readonly string[] {
  return itemsOf(volumes)
    .filter(({ hostPath }) => hostPath !== undefined)
    .map(({ name }) => `hostPath of volume '${String(name)}'`);
}

function itemsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
