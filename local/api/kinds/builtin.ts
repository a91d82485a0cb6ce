import type { FieldError } from '../field-errors.ts';
import { atomic, listMap, map, type Structure } from '../fields/structure.ts';
import { ageColumn, nameColumn, type TableColumn } from '../table/table.ts';
import * as columns from '../table/builtin-columns.ts';
import * as ruleColumns from '../table/rule-columns.ts';
import { absentKinds } from './absent.ts';
import type { Absence, Kind, KindNames } from './kind.ts';
import {
  fillInDefinition,
  fillInDeployment,
  fillInEvent,
  fillInNamespace,
  fillInPod,
  fillInReplicaSet,
  fillInSecret,
  fillInService,
  refillNothing,
} from './fill-in.ts';
import { conditionsStructure, metadataStructure, podSpecStructure, podTemplateStructure } from './pod-structure.ts';
import { validateConfigMap, validateWorkload } from './validate-builtin.ts';
import { validateCrd } from './validate-crd.ts';

interface BuiltIn extends KindNames {
  readonly hasStatus?: boolean;
  readonly hasScale?: boolean;
  readonly fields?: Readonly<Record<string, Structure>>;
  readonly columns?: readonly TableColumn[];
  readonly fillIn?: Kind['fillIn'];
  readonly validate?: Kind['validate'];
  readonly absence?: Absence;
}

const workloadSpec = map({ template: podTemplateStructure, selector: atomic });
const servicePorts = listMap(['port', { name: 'protocol', default: 'TCP' }]);
const noErrors = (): FieldError[] => [];

/** Every kind that Flint, its chart, or kubectl on its behalf touches. Others are absent or, if rare, unknown: they answer 404. */
const builtIns: readonly BuiltIn[] = [
  {
    kind: 'Namespace',
    plural: 'namespaces',
    shortNames: ['ns'],
    clusterScoped: true,
    hasStatus: true,
    columns: columns.namespace,
    fillIn: fillInNamespace,
  },
  { kind: 'Node', plural: 'nodes', shortNames: ['no'], clusterScoped: true, hasStatus: true, columns: columns.node },
  {
    kind: 'Pod',
    plural: 'pods',
    shortNames: ['po'],
    hasStatus: true,
    inAll: true,
    fields: { spec: podSpecStructure, status: map({ conditions: conditionsStructure }) },
    columns: columns.pod,
    fillIn: fillInPod,
  },
  {
    kind: 'ConfigMap',
    plural: 'configmaps',
    shortNames: ['cm'],
    columns: columns.configMap,
    validate: validateConfigMap,
  },
  {
    kind: 'Secret',
    plural: 'secrets',
    columns: columns.secret,
    fillIn: fillInSecret,
    validate: validateConfigMap,
  },
  { kind: 'ServiceAccount', plural: 'serviceaccounts', shortNames: ['sa'] },
  {
    kind: 'Service',
    plural: 'services',
    shortNames: ['svc'],
    hasStatus: true,
    inAll: true,
    fields: { spec: map({ ports: servicePorts, selector: atomic }) },
    columns: columns.service,
    fillIn: fillInService,
  },
  { kind: 'Event', plural: 'events', shortNames: ['ev'], columns: columns.event, fillIn: fillInEvent },
  {
    group: 'events.k8s.io',
    kind: 'Event',
    plural: 'events',
    shortNames: ['ev'],
    columns: columns.event,
    fillIn: fillInEvent,
  },
  {
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    shortNames: ['quota'],
    hasStatus: true,
    columns: ruleColumns.resourceQuota,
  },
  {
    group: 'apps',
    kind: 'Deployment',
    plural: 'deployments',
    shortNames: ['deploy'],
    hasStatus: true,
    hasScale: true,
    inAll: true,
    fields: { spec: workloadSpec, status: map({ conditions: conditionsStructure }) },
    columns: columns.deployment,
    fillIn: fillInDeployment,
    validate: validateWorkload,
  },
  {
    group: 'apps',
    kind: 'ReplicaSet',
    plural: 'replicasets',
    shortNames: ['rs'],
    hasStatus: true,
    hasScale: true,
    inAll: true,
    fields: { spec: workloadSpec, status: map({ conditions: conditionsStructure }) },
    columns: columns.replicaSet,
    fillIn: fillInReplicaSet,
    validate: validateWorkload,
  },
  { group: 'coordination.k8s.io', kind: 'Lease', plural: 'leases', columns: columns.lease },
  { group: 'rbac.authorization.k8s.io', kind: 'Role', plural: 'roles', columns: ruleColumns.unprinted },
  { group: 'rbac.authorization.k8s.io', kind: 'RoleBinding', plural: 'rolebindings', columns: ruleColumns.binding },
  {
    group: 'rbac.authorization.k8s.io',
    kind: 'ClusterRole',
    plural: 'clusterroles',
    clusterScoped: true,
    columns: ruleColumns.unprinted,
  },
  {
    group: 'rbac.authorization.k8s.io',
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    clusterScoped: true,
    columns: ruleColumns.binding,
  },
  {
    group: 'policy',
    kind: 'PodDisruptionBudget',
    plural: 'poddisruptionbudgets',
    shortNames: ['pdb'],
    hasStatus: true,
    columns: ruleColumns.podDisruptionBudget,
  },
  {
    group: 'admissionregistration.k8s.io',
    kind: 'ValidatingAdmissionPolicy',
    plural: 'validatingadmissionpolicies',
    clusterScoped: true,
    hasStatus: true,
    columns: ruleColumns.validatingAdmissionPolicy,
  },
  {
    group: 'admissionregistration.k8s.io',
    kind: 'ValidatingAdmissionPolicyBinding',
    plural: 'validatingadmissionpolicybindings',
    clusterScoped: true,
    columns: ruleColumns.validatingAdmissionPolicyBinding,
  },
  {
    group: 'networking.k8s.io',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    columns: ruleColumns.networkPolicy,
  },
  {
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    shortNames: ['crd', 'crds'],
    clusterScoped: true,
    hasStatus: true,
    columns: ruleColumns.unprinted,
    fillIn: fillInDefinition,
    validate: validateCrd,
  },
];

export function makeBuiltInKinds(): Kind[] {
  const absent = absentKinds.map(({ instead, isUnreadable = false, ...kind }) => ({
    ...kind,
    absence: { instead, isReadable: !isUnreadable },
  }));
  return [...builtIns, ...absent].map(makeKind);
}

/** Kinds with a spec whose changes nobody counts. */
const uncounted: readonly string[] = ['namespaces', 'nodes', 'services', 'resourcequotas', 'leases'];

const workloadScale = { spec: ['spec', 'replicas'], status: ['status', 'replicas'], selector: ['spec', 'selector'] };

function absenceOf({ absence }: BuiltIn): Pick<Kind, 'absence'> {
  return absence === undefined ? {} : { absence };
}

function makeKind(builtIn: BuiltIn): Kind {
  return {
    group: builtIn.group ?? '',
    version: builtIn.version ?? 'v1',
    plural: builtIn.plural,
    singular: builtIn.kind.toLowerCase(),
    kind: builtIn.kind,
    namespaced: builtIn.clusterScoped !== true,
    shortNames: builtIn.shortNames ?? [],
    categories: builtIn.inAll === true ? ['all'] : [],
    hasStatus: builtIn.hasStatus ?? false,
    hasGeneration: !uncounted.includes(builtIn.plural),
    ...(builtIn.hasScale === true ? { scale: workloadScale } : {}),
    structure: map({ metadata: metadataStructure, ...builtIn.fields }),
    columns: builtIn.columns ?? [nameColumn, ageColumn],
    fillIn: builtIn.fillIn ?? refillNothing,
    validate: builtIn.validate ?? noErrors,
    ...absenceOf(builtIn),
  };
}
