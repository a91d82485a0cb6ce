import type { KubeObject } from '../../../lib/kube/objects.ts';
import { selectorText, type Selector } from './builtin-columns.ts';
import { ageColumn, nameColumn, type TableColumn } from './table.ts';

/** The columns of kinds that allow, forbid or bound something, as a real server sends them. */

type Amounts = Readonly<Record<string, string>>;

/** What of any of these kinds stands in a column. */
interface Rule extends KubeObject {
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
  readonly spec?: {
    readonly minAvailable?: string | number;
    readonly maxUnavailable?: string | number;
    readonly podSelector?: Selector;
    readonly validations?: readonly unknown[];
    readonly paramKind?: { readonly apiVersion: string; readonly kind: string };
    readonly policyName?: string;
    readonly paramRef?: { readonly name?: string; readonly namespace?: string; readonly selector?: Selector };
  };
  readonly status?: { readonly disruptionsAllowed?: number; readonly hard?: Amounts; readonly used?: Amounts };
}

function column(name: string, value: (object: Rule) => unknown, priority = 0): TableColumn {
  return { name, type: 'string', value: (object) => value(object), priority };
}

function count(name: string, value: (object: Rule) => unknown): TableColumn {
  return { ...column(name, value), type: 'integer' };
}

/** Of what a real server has no columns of its own for. */
export const unprinted: readonly TableColumn[] = [
  nameColumn,
  { name: 'Created At', type: 'date', value: (object) => object.metadata.creationTimestamp },
];

export const binding: readonly TableColumn[] = [
  nameColumn,
  column('Role', ({ roleRef }) => `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`),
  ageColumn,
  column('Users', subjects('User'), 1),
  column('Groups', subjects('Group'), 1),
  column('ServiceAccounts', subjects('ServiceAccount'), 1),
];

function subjects(kind: string): (object: Rule) => string {
  return ({ subjects: all = [] }) =>
    all
      .filter((subject) => subject.kind === kind)
      .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
      .join(', ');
}

export const podDisruptionBudget: readonly TableColumn[] = [
  nameColumn,
  column('Min Available', ({ spec }) => String(spec?.minAvailable ?? 'N/A')),
  column('Max Unavailable', ({ spec }) => String(spec?.maxUnavailable ?? 'N/A')),
  count('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0),
  ageColumn,
];

export const resourceQuota: readonly TableColumn[] = [
  nameColumn,
  column(
    'Request',
    amounts((resource) => !isLimit(resource)),
  ),
  column('Limit', amounts(isLimit)),
  ageColumn,
];

/** `pods: 1/5, services: 0/2`: used of what is allowed. */
function amounts(isWanted: (resource: string) => boolean): (object: Rule) => string {
  return ({ status: { hard = {}, used = {} } = {} }) =>
    Object.keys(hard)
      .filter(isWanted)
      .sort()
      .map((resource) => `${resource}: ${used[resource] ?? '0'}/${hard[resource] ?? ''}`)
      .join(', ');
}

function isLimit(resource: string): boolean {
  return resource.startsWith('limits.');
}

export const networkPolicy: readonly TableColumn[] = [
  nameColumn,
  column('Pod-Selector', ({ spec }) => selectorText(spec?.podSelector)),
  ageColumn,
];

export const validatingAdmissionPolicy: readonly TableColumn[] = [
  nameColumn,
  count('Validations', ({ spec }) => spec?.validations?.length ?? 0),
  column('ParamKind', ({ spec }) => {
    const kind = spec?.paramKind;
    return kind === undefined ? '<unset>' : `${kind.apiVersion}/${kind.kind}`;
  }),
  ageColumn,
];

export const validatingAdmissionPolicyBinding: readonly TableColumn[] = [
  nameColumn,
  column('PolicyName', ({ spec }) => spec?.policyName),
  column('ParamRef', ({ spec }) => {
    const { name, namespace = '*', selector } = spec?.paramRef ?? {};
    return name === undefined ? (selector === undefined ? '<unset>' : selectorText(selector)) : `${namespace}/${name}`;
  }),
  ageColumn,
];
