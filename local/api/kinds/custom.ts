import type { KubeObject } from '../../../lib/kube/objects.ts';
import { isObject, type Structure } from '../fields/structure.ts';
import { metadataStructure } from './pod-structure.ts';
import { type Schema, structureOf } from '../schema/schema.ts';
import { ageColumn, humanAge, nameColumn, type TableColumn } from '../table/table.ts';
import { readJsonPath } from '../table/json-path.ts';
import type { Kind } from './kind.ts';

export interface CustomResourceDefinition extends KubeObject {
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced' | 'Cluster';
    readonly names: {
      readonly plural: string;
      readonly singular?: string;
      readonly kind: string;
      readonly listKind?: string;
      readonly shortNames?: readonly string[];
      readonly categories?: readonly string[];
    };
    readonly versions: readonly CustomVersion[];
  };
}

interface CustomVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema?: { readonly openAPIV3Schema?: Schema };
  readonly subresources?: {
    readonly status?: object;
    readonly scale?: {
      readonly specReplicasPath: string;
      readonly statusReplicasPath: string;
      readonly labelSelectorPath?: string;
    };
  };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

interface PrinterColumn {
  readonly name: string;
  readonly type: TableColumn['type'];
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

/** The kinds that a CRD serves, one a version. */
export function makeCustomKinds(crd: CustomResourceDefinition): Kind[] {
  return crd.spec.versions.filter((version) => version.served).map((version) => makeKind(crd, version));
}

function makeKind({ spec }: CustomResourceDefinition, version: CustomVersion): Kind {
  const schema = version.schema?.openAPIV3Schema ?? openSchema;
  return {
    group: spec.group,
    version: version.name,
    plural: spec.names.plural,
    singular: spec.names.singular ?? spec.names.kind.toLowerCase(),
    kind: spec.names.kind,
    namespaced: spec.scope === 'Namespaced',
    shortNames: spec.names.shortNames ?? [],
    categories: spec.names.categories ?? [],
    hasGeneration: true,
    hasStatus: version.subresources?.status !== undefined,
    ...scaleOf(version),
    structure: withMetadata(structureOf(schema)),
    schema,
    columns: makeColumns(version.additionalPrinterColumns),
    fillIn: () => undefined,
    validate: () => [],
    selectable: (version.selectableFields ?? []).map(({ jsonPath }) => jsonPath.replace(/^\./u, '')),
  };
}

const openSchema: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

function withMetadata(structure: Structure): Structure {
  const fields = structure.type === 'map' ? structure.fields : {};
  return { type: 'map', fields: { ...fields, metadata: metadataStructure } };
}

function scaleOf(version: CustomVersion): Pick<Kind, 'scale'> {
  const scale = version.subresources?.scale;
  if (scale === undefined) {
    return {};
  }
  const selector = scale.labelSelectorPath === undefined ? {} : { selector: namesOf(scale.labelSelectorPath) };
  return { scale: { spec: namesOf(scale.specReplicasPath), status: namesOf(scale.statusReplicasPath), ...selector } };
}

/** `.spec.replicas` as names. */
function namesOf(path: string): string[] {
  return path.split('.').filter((name) => name !== '');
}

function makeColumns(columns: readonly PrinterColumn[] | undefined): TableColumn[] {
  if (columns === undefined || columns.length === 0) {
    return [nameColumn, ageColumn];
  }
  return [nameColumn, ...columns.map(makeColumn)];
}

function makeColumn(column: PrinterColumn): TableColumn {
  return {
    name: column.name,
    // kubectl prints ages only from strings: a server turns dates into them.
    type: column.type === 'date' ? 'string' : column.type,
    ...(column.format === undefined ? {} : { format: column.format }),
    ...(column.description === undefined ? {} : { description: column.description }),
    priority: column.priority ?? 0,
    value: (object, now) => {
      const value = readJsonPath(object, column.jsonPath);
      if (column.type === 'date') {
        return typeof value === 'string' ? humanAge(value, now) : undefined;
      }
      return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : value;
    },
  };
}

/** What a server sets in a CRD's status once it serves it. */
export function makeEstablishedStatus(crd: CustomResourceDefinition, time: string): object {
  const condition = (type: string, reason: string, message: string): object => ({
    type,
    status: 'True',
    reason,
    message,
    lastTransitionTime: time,
  });
  return {
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: crd.spec.names,
    storedVersions: crd.spec.versions.filter((version) => version.storage).map((version) => version.name),
  };
}
