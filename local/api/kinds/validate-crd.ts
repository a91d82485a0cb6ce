import type { KubeObject } from '../../../lib/kube/objects.ts';
import { type FieldError, invalidValue, notSupported, required } from '../field-errors.ts';
import { deepEqual, isObject } from '../fields/structure.ts';
import { dns1035Label, dns1123Subdomain, type Format } from '../metadata/formats.ts';
import { missingSchema } from '../schema/structural/keywords.ts';
import type { RawSchema } from '../schema/structural/raw-schema.ts';
import type { CustomResourceDefinition } from './custom.ts';
import { checkVersionSchema } from './validate-crd-schema.ts';

type Spec = CustomResourceDefinition['spec'];
type Version = Spec['versions'][number];
/** As somebody wrote it. */
type Draft = Partial<Omit<Spec, 'names'>> & {
  readonly names?: Partial<Spec['names']>;
  readonly preserveUnknownFields?: boolean;
};

/** The refusals of a CustomResourceDefinition: its names, its versions, and the schema of each. */
export function validateCrd(object: KubeObject, previous: KubeObject | undefined): FieldError[] {
  const { spec = {} } = object as { readonly spec?: Draft };
  const before = (previous as CustomResourceDefinition | undefined)?.spec;
  const versions = spec.versions ?? [];
  return [
    ...checkObjectName(object.metadata.name, spec),
    ...checkGroup(spec.group ?? ''),
    ...checkScope(spec.scope),
    ...(spec.preserveUnknownFields === true ? [invalidValue('spec.preserveUnknownFields', true, 'must be false')] : []),
    ...checkVersions(versions),
    ...checkNames(spec.names ?? {}),
    ...checkSchemas(versions),
    ...checkColumns(versions),
    ...(before === undefined ? [] : checkChange(spec, before)),
  ];
}

function checkObjectName(name: string, { names, group = '' }: Draft): FieldError[] {
  return name === `${names?.plural ?? ''}.${group}`
    ? []
    : [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

function checkGroup(group: string): FieldError[] {
  if (group === '') {
    return [required('spec.group')];
  }
  const wrong = dns1123Subdomain(group);
  if (wrong.length > 0) {
    return [invalidValue('spec.group', group, wrong.join(','))];
  }
  return group.includes('.') ? [] : [invalidValue('spec.group', group, 'should be a domain with at least one dot')];
}

function checkScope(scope: string | undefined): FieldError[] {
  if (scope === undefined || scope === '') {
    return [required('spec.scope')];
  }
  const scopes = ['Cluster', 'Namespaced'];
  return scopes.includes(scope) ? [] : [notSupported('spec.scope', scope, scopes)];
}

function checkVersions(versions: readonly Version[]): FieldError[] {
  const names = versions.map(({ name }) => name);
  const errors = names.flatMap((name, index) => checkForm(`spec.versions[${index}].name`, name, dns1035Label));
  if (new Set(names).size < names.length) {
    errors.push(invalidValue('spec.versions', versions, 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const why = 'must have exactly one version marked as storage version';
    errors.push(invalidValue('spec.versions', versions, why));
  }
  return errors;
}

function checkNames(names: NonNullable<Draft['names']>): FieldError[] {
  const at = (name: string): string => `spec.names.${name}`;
  const { plural = '', singular, kind = '', listKind, shortNames = [], categories = [] } = names;
  const needed = [
    ...checkRequired(at('plural'), plural, (field, value) => checkForm(field, value, dns1035Label)),
    ...checkRequired(at('kind'), kind, checkKind),
  ];
  return [
    ...needed,
    ...(singular === undefined ? [] : checkForm(at('singular'), singular, dns1035Label)),
    ...(listKind === undefined ? [] : checkKind(at('listKind'), listKind)),
    ...shortNames.flatMap((name, index) => checkForm(at(`shortNames[${index}]`), name, dns1035Label)),
    ...(kind === listKind ? [invalidValue(at('listKind'), kind, 'kind and listKind may not be the same')] : []),
    ...categories.flatMap((name, index) => checkForm(at(`categories[${index}]`), name, dns1035Label)),
  ];
}

function checkRequired(
  field: string,
  value: string,
  check: (field: string, value: string) => FieldError[],
): FieldError[] {
  return value === '' ? [required(field)] : check(field, value);
}

function checkForm(field: string, value: string, format: Format): FieldError[] {
  const wrong = format(value);
  return wrong.length === 0 ? [] : [invalidValue(field, value, wrong.join(','))];
}

function checkKind(field: string, kind: string): FieldError[] {
  const wrong = dns1035Label(kind.toLowerCase());
  const why = `may have mixed case, but should otherwise match: ${wrong.join(',')}`;
  return wrong.length === 0 ? [] : [invalidValue(field, kind, why)];
}

function checkSchemas(versions: readonly Version[]): FieldError[] {
  // Versions with one schema are reported where apiextensions/v1beta1 had it.
  const [first] = versions;
  const isShared = versions.every(({ schema }) => deepEqual(schema, first?.schema));
  return versions.flatMap(({ schema, subresources }, index) => {
    const root = schema?.openAPIV3Schema as RawSchema | undefined;
    if (!isObject(root)) {
      return [missingSchema(index)];
    }
    const place = isShared ? 'spec.validation' : `spec.versions[${index}].schema`;
    const isTold = isShared && index > 0;
    return isTold ? [] : checkVersionSchema(root, `${place}.openAPIV3Schema`, subresources?.status !== undefined);
  });
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];

function checkColumns(versions: readonly Version[]): FieldError[] {
  return versions.flatMap(({ additionalPrinterColumns = [] }, version) =>
    additionalPrinterColumns.flatMap(({ type, name }, index) => {
      const place = versions.length === 1 ? 'spec' : `spec.versions[${version}]`;
      const field = `${place}.additionalPrinterColumns[${index}]`;
      const isKnown = columnTypes.includes(type);
      return [
        ...(name === '' ? [required(`${field}.name`)] : []),
        ...(isKnown ? [] : [invalidValue(`${field}.type`, type, `must be one of ${columnTypes.join(',')}`)]),
      ];
    }),
  );
}

/** What objects are stored by cannot change. */
function checkChange(spec: Draft, before: Spec): FieldError[] {
  const fields = [
    ['spec.scope', spec.scope, before.scope],
    ['spec.names.kind', spec.names?.kind, before.names.kind],
    ['spec.group', spec.group, before.group],
    ['spec.names.plural', spec.names?.plural, before.names.plural],
  ] as const;
  return fields
    .filter(([, now, earlier]) => now !== earlier)
    .map(([field, now]) => invalidValue(field, now, 'field is immutable'));
}
