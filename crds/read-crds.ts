import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import type { KubeObject } from '../lib/kube/objects.ts';
import type { Resource } from '../lib/kube/resources.ts';
import type { Schema } from '../local/api/schema/schema.ts';

/** A CRD as far as its own tests read it. */
export interface Crd extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string; readonly shortNames?: readonly string[] };
    readonly scope: 'Namespaced' | 'Cluster';
    readonly versions: readonly CrdVersion[];
  };
}

interface CrdVersion {
  readonly name: string;
  readonly schema: { readonly openAPIV3Schema: Schema };
}

/** @param folder `crds` by default; one of `crds/released` for those of a release */
export function readCrds(folder = import.meta.dirname): Crd[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => load(readFileSync(join(folder, file), 'utf8')) as Crd);
}

/** The CRD of a plural name, such as `functions`. */
export function readCrd(plural: string): Crd {
  return load(readFileSync(join(import.meta.dirname, `${plural}.yaml`), 'utf8')) as Crd;
}

/** The schema of the version that is written first. */
export function schemaOf({ spec }: Crd): Schema {
  return spec.versions[0]?.schema.openAPIV3Schema ?? {};
}

export function resourceOf({ spec }: Crd): Resource {
  const { group, scope, names, versions } = spec;
  const version = versions[0]?.name ?? '';
  return { group, version, plural: names.plural, kind: names.kind, namespaced: scope === 'Namespaced' };
}
