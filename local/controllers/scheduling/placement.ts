import type { Pod } from '../../../lib/kube/objects.ts';
import { parseQuantity } from '../../../lib/kube/quantity.ts';
import type { Node } from '../resources.ts';

/** Cores, bytes and pods. */
export interface Amount {
  readonly cpu: number;
  readonly memory: number;
  readonly pods: number;
}

export interface Candidate {
  readonly node: Node;
  /** What the pods that are bound to it have asked for. */
  readonly used: Amount;
}

export type Placement =
  | { readonly kind: 'bind'; readonly nodeName: string }
  /** In the scheduler's words: `0/1 nodes are available: 1 Insufficient cpu.` */
  | { readonly kind: 'unschedulable'; readonly message: string };

/** The first node that takes the pod, or why none does. */
export function decidePlacement(pod: Pod, candidates: readonly Candidate[]): Placement {
  const refusals = new Map<string, number>();
  for (const candidate of candidates) {
    const reasons = refusalsOf(pod, candidate);
    if (reasons.length === 0) {
      return { kind: 'bind', nodeName: candidate.node.metadata.name };
    }
    reasons.forEach((reason) => refusals.set(reason, (refusals.get(reason) ?? 0) + 1));
  }
  const counted = [...refusals].map(([reason, count]) => `${count} ${reason}`).sort();
  const detail = counted.length === 0 ? 'no nodes available to schedule pods' : `${counted.join(', ')}.`;
  const message = counted.length === 0 ? detail : `0/${candidates.length} nodes are available: ${detail}`;
  return { kind: 'unschedulable', message };
}

function refusalsOf(pod: Pod, { node, used }: Candidate): string[] {
  if (node.spec?.unschedulable === true) {
    return ['node(s) were unschedulable'];
  }
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  if (!selector.every(([key, value]) => node.metadata.labels?.[key] === value)) {
    return ["node(s) didn't match Pod's node affinity/selector"];
  }
  const wanted = requestsOf(pod);
  const free = (resource: keyof Amount): number =>
    parseQuantity(node.status?.allocatable?.[resource] ?? '0') - used[resource];
  return [
    ...(wanted.pods > free('pods') ? ['Too many pods'] : []),
    ...(exceeds(wanted.cpu, free('cpu')) ? ['Insufficient cpu'] : []),
    ...(exceeds(wanted.memory, free('memory')) ? ['Insufficient memory'] : []),
  ];
}

/** Half a millicore or byte of rounding in sums of fractions refuses nobody; asking for nothing always fits. */
function exceeds(wanted: number, free: number): boolean {
  return wanted > 0 && wanted > free + 0.0005;
}

/** What a pod asks for: the sum of its containers, or its greediest init container, which runs before them. */
export function requestsOf({ spec }: Pod): Amount {
  const total = (resource: 'cpu' | 'memory'): number => {
    const sum = spec.containers.reduce((before, container) => before + requestOf(container, resource), 0);
    return Math.max(sum, ...(spec.initContainers ?? []).map((container) => requestOf(container, resource)));
  };
  return { cpu: total('cpu'), memory: total('memory'), pods: 1 };
}

type Container = Pod['spec']['containers'][number];

/** A limit without a request is the request. */
function requestOf({ resources }: Container, resource: 'cpu' | 'memory'): number {
  return parseQuantity(resources?.requests?.[resource] ?? resources?.limits?.[resource] ?? '0');
}

export function addAmounts(a: Amount, b: Amount): Amount {
  return { cpu: a.cpu + b.cpu, memory: a.memory + b.memory, pods: a.pods + b.pods };
}
