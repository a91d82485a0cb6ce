import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { FieldError } from '../field-errors.ts';
import type { Schema } from '../schema/schema.ts';
import type { TableColumn } from '../table/table.ts';
import type { Structure } from '../fields/structure.ts';

/** One kind of the API in one version, and how its objects are treated. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly hasStatus: boolean;
  /** Its objects count the changes of what is wanted of them. */
  readonly hasGeneration: boolean;
  /** Paths of the fields behind the scale subresource. */
  readonly scale?: ScalePaths;
  /** How its fields merge and are owned. */
  readonly structure: Structure;
  /** Of custom kinds only: built-in kinds are not checked field by field. */
  readonly schema?: Schema;
  readonly columns: readonly TableColumn[];
  /** Fills in what a real server fills in. May change `object`. */
  readonly fillIn: (object: KubeObject) => void;
  readonly validate: (object: KubeObject, previous: KubeObject | undefined) => FieldError[];
  /** Of custom kinds: fields to select by besides name and namespace, as `spec.size`. */
  readonly selectable?: readonly string[];
  /** Of kinds that do not run here: they are listed, empty, and cannot be created. */
  readonly absence?: Absence;
}

/** What a built-in kind says of itself; everything has a default but its names. */
export interface KindNames {
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly clusterScoped?: boolean;
  /** `kubectl get all` lists it. */
  readonly inAll?: boolean;
}

export interface Absence {
  /** What to do without the kind. */
  readonly instead: string;
  readonly isReadable: boolean;
}

interface ScalePaths {
  /** `spec.replicas` as a list of names. */
  readonly spec: readonly string[];
  readonly status: readonly string[];
  /** Where the label selector stands as a string, or as a LabelSelector object. */
  readonly selector?: readonly string[];
}

/** Its deletion, and who may write its spec, are unlike those of any other kind. */
export function isNamespace(kind: Kind): boolean {
  return kindKey(kind) === 'namespaces';
}

/** `v1`, or `group/version`. */
export function apiVersionOfKind(kind: Kind): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** What tells two kinds apart wherever objects are kept: `deployments.apps`. */
export function kindKey(kind: { readonly group: string; readonly plural: string }): string {
  // Events are one thing under two groups: written to events.k8s.io, read by kubectl from the core group.
  return kind.group === '' || kind.plural === 'events' ? kind.plural : `${kind.plural}.${kind.group}`;
}
