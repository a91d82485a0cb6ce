import type { KubeObject } from '../../../lib/kube/objects.ts';
import { type FieldError, forbidden, invalidValue, required, tooLong } from '../field-errors.ts';
import { dns1123Label, dns1123Subdomain, type Format, labelValue, pathSegment, qualifiedName } from './formats.ts';

type Metadata = KubeObject['metadata'];

/** All keys and values together. */
const mostAnnotationBytes = 262_144;
const rbacGroup = 'rbac.authorization.k8s.io/';
/** Their names are parts of names of DNS. */
const namedByLabel: readonly string[] = ['Namespace', 'Service'];

/** The refusals of what every object has. @param previous what it was, of an object that is changed */
export function validateMetadata({ apiVersion, kind, metadata }: KubeObject, previous?: KubeObject): FieldError[] {
  return [
    ...(previous === undefined ? checkNames(metadata, nameFormat(apiVersion, kind)) : []),
    ...checkLabels(metadata.labels),
    ...checkAnnotations(metadata.annotations),
    ...checkOwners(metadata.ownerReferences),
    ...checkFinalizers(metadata.finalizers ?? []),
    ...(previous === undefined ? [] : checkDeletion(metadata, previous.metadata)),
  ];
}

function nameFormat(apiVersion: string, kind: string): Format {
  if (apiVersion.startsWith(rbacGroup)) {
    return pathSegment;
  }
  return apiVersion === 'v1' && namedByLabel.includes(kind) ? dns1123Label : dns1123Subdomain;
}

function checkNames({ name, generateName = '' }: Metadata, format: Format): FieldError[] {
  // What is generated goes on: a dash at the end is no end.
  const prefix = generateName.replace(/-$/u, 'a');
  return [
    ...(generateName === '' ? [] : format(prefix)).map((why) =>
      invalidValue('metadata.generateName', generateName, why),
    ),
    ...((name as string | undefined) === undefined || name === ''
      ? [required('metadata.name', 'name or generateName is required')]
      : format(name).map((why) => invalidValue('metadata.name', name, why))),
  ];
}

function checkLabels(labels: Readonly<Record<string, string>> = {}): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedName(key).map((why) => invalidValue('metadata.labels', key, why)),
    ...labelValue(value).map((why) => invalidValue('metadata.labels', value, why)),
  ]);
}

function checkAnnotations(annotations: Readonly<Record<string, string>> = {}): FieldError[] {
  const entries = Object.entries(annotations);
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  const keys = entries.flatMap(([key]) =>
    qualifiedName(key.toLowerCase()).map((why) => invalidValue('metadata.annotations', key, why)),
  );
  return bytes > mostAnnotationBytes ? [...keys, tooLong('metadata.annotations', mostAnnotationBytes)] : keys;
}

function checkOwners(owners: Metadata['ownerReferences'] = []): FieldError[] {
  const field = 'metadata.ownerReferences';
  const controllers = owners.filter(({ controller }) => controller === true);
  const [first, second] = controllers.map(({ kind, name }) => `${kind}/${name}`);
  return [
    ...owners.flatMap((owner, index) => checkOwner(owner, `${field}[${index}]`)),
    ...(second === undefined
      ? []
      : [
          invalidValue(
            field,
            owners,
            `Only one reference can have Controller set to true. Found "true" in references for ${first ?? ''} and ${second}`,
          ),
        ]),
  ];
}

function checkOwner(owner: NonNullable<Metadata['ownerReferences']>[number], field: string): FieldError[] {
  const { apiVersion, kind, name, uid } = owner as Partial<typeof owner>;
  return [
    ...Object.entries({ apiVersion, kind, name, uid })
      .filter(([, value]) => value === undefined || value === '')
      .map(([part]) => required(`${field}.${part}`, 'must not be empty')),
    ...(apiVersion === 'v1' && kind === 'Event'
      ? [invalidValue(field, owner, '/v1, Kind=Event is disallowed from being an owner')]
      : []),
  ];
}

function checkFinalizers(finalizers: readonly string[]): FieldError[] {
  const field = 'metadata.finalizers';
  const errors = finalizers.flatMap((name) => qualifiedName(name).map((why) => invalidValue(field, name, why)));
  const isBoth = finalizers.includes('orphan') && finalizers.includes('foregroundDeletion');
  const why = 'finalizer orphan and foregroundDeletion cannot be both set';
  return isBoth ? [...errors, invalidValue(field, finalizers, why)] : errors;
}

/** Only a deletion sends an object on its way out, and then nobody new holds it. */
function checkDeletion(now: Metadata, before: Metadata): FieldError[] {
  if (before.deletionTimestamp === undefined) {
    const fields = ['deletionTimestamp', 'deletionGracePeriodSeconds'] as const;
    return fields
      .filter((name) => now[name] !== undefined)
      .map((name) => invalidValue(`metadata.${name}`, now[name], 'field is immutable'));
  }
  const added = (now.finalizers ?? []).filter((name) => before.finalizers?.includes(name) !== true).sort();
  const list = added.map((name) => JSON.stringify(name)).join(', ');
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return added.length === 0 ? [] : [forbidden('metadata.finalizers', why)];
}
