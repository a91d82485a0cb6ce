import type { KubeObject, Pod } from '../../../lib/kube/objects.ts';
import { isFinished } from '../../../lib/kube/pod-phase.ts';
import { tryParseQuantity } from '../../../lib/kube/quantity.ts';
import type { Kind } from '../kinds/kind.ts';
import { nameOf, refuse } from '../status.ts';

export interface ResourceQuota extends KubeObject {
  readonly spec?: { readonly hard?: Readonly<Record<string, string | number>> };
}

/** What a quota can bound of Pods. Quotas of other kinds are kept and shown, but bound nothing. */
const bounded: readonly string[] = [
  'pods',
  'count/pods',
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
];

export interface Newcomer {
  readonly kind: Kind;
  readonly pod: Pod;
  /** All Pods of the namespace. */
  readonly others: Iterable<Pod>;
}

/**
 * Whether the quotas of its namespace have room for one Pod more.
 * @throws StatusError Forbidden for the first that has not, or that bounds what the Pod does not state
 */
export function checkQuotas({ kind, pod, others }: Newcomer, quotas: readonly ResourceQuota[]): void {
  if (quotas.length === 0) {
    return;
  }
  const present = [...others].filter((other) => !isFinished(other));
  for (const quota of quotas) {
    const refusal = missingIn(pod, quota) ?? excessOf(pod, quota, present);
    if (refusal !== undefined) {
      throw refuse('Forbidden', `${nameOf(kind, pod.metadata.name)} is forbidden: ${refusal}`);
    }
  }
}

function boundsOf({ spec }: ResourceQuota): readonly { readonly resource: string; readonly most: number }[] {
  return Object.entries(spec?.hard ?? {})
    .filter(([resource]) => bounded.includes(resource))
    .map(([resource, quantity]) => ({ resource, most: tryParseQuantity(quantity) ?? Infinity }))
    .sort((a, b) => (a.resource < b.resource ? -1 : 1));
}

/** What nobody states cannot be counted. */
function missingIn(pod: Pod, quota: ResourceQuota): string | undefined {
  const missing = boundsOf(quota).flatMap(({ resource }) => {
    const names = containersOf(pod)
      .filter((container) => !isCount(resource) && amountIn(container, resource) === undefined)
      .map(({ name }) => name);
    return names.length === 0 ? [] : [`${resource} for: ${names.join(',')}`];
  });
  return missing.length === 0 ? undefined : `failed quota: ${quota.metadata.name}: must specify ${missing.join('; ')}`;
}

function excessOf(pod: Pod, quota: ResourceQuota, present: readonly Pod[]): string | undefined {
  const exceeded = boundsOf(quota)
    .map(({ resource, most }) => {
      const used = present.reduce((sum, other) => sum + amountOf(other, resource), 0);
      return { resource, most, used, requested: amountOf(pod, resource) };
    })
    .filter(({ most, used, requested }) => requested > 0 && used + requested > most);
  const list = (part: 'requested' | 'used' | 'most'): string =>
    exceeded.map((one) => `${one.resource}=${formatAmount(one.resource, one[part])}`).join(',');
  return exceeded.length === 0
    ? undefined
    : `exceeded quota: ${quota.metadata.name}, requested: ${list('requested')}, used: ${list('used')}, limited: ${list('most')}`;
}

function isCount(resource: string): boolean {
  return resource === 'pods' || resource === 'count/pods';
}

/** The sum of its containers, or its greediest init container, which runs before them. */
function amountOf(pod: Pod, resource: string): number {
  if (isCount(resource)) {
    return 1;
  }
  const { containers, initContainers = [] } = pod.spec;
  const total = containers.reduce((sum, container) => sum + (amountIn(container, resource) ?? 0), 0);
  return Math.max(total, ...initContainers.map((container) => amountIn(container, resource) ?? 0));
}

type Container = Pod['spec']['containers'][number];

function containersOf({ spec }: Pod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** `memory` means what is requested. */
function amountIn(container: Container, resource: string): number | undefined {
  const [, side = 'requests', name = ''] = /^(?:(requests|limits)\.)?(\w+)$/u.exec(resource) ?? [];
  const quantity = quantityIn(container, side, name);
  return quantity === undefined ? undefined : tryParseQuantity(quantity);
}

/** A limit without a request is the request. */
function quantityIn({ resources }: Container, side: string, name: string): string | undefined {
  const limit = resources?.limits?.[name];
  return side === 'limits' ? limit : (resources?.requests?.[name] ?? limit);
}

const binary = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const;

/** Bytes in the largest unit that they are whole in, cores in thousandths where they are not whole. */
function formatAmount(resource: string, amount: number): string {
  if (!resource.endsWith('memory')) {
    return Number.isInteger(amount) ? String(amount) : `${Math.ceil(amount * 1000)}m`;
  }
  const unit = binary.find((suffix) => amount > 0 && amount % (tryParseQuantity(`1${suffix}`) ?? 1) === 0);
  return unit === undefined ? String(amount) : `${amount / (tryParseQuantity(`1${unit}`) ?? 1)}${unit}`;
}
