import type { KubeClient } from '../../lib/kube/client.ts';
import { isAlreadyExists } from '../../lib/kube/status-error.ts';
import { rfc3339 } from '../../lib/kube/time.ts';
import { type Node, nodes } from '../controllers/resources.ts';
import { podIp } from './pod-status.ts';

/** What the node has to give. */
interface Capacity {
  /** Cores. */
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly pods: number;
}

export interface NodeDescription {
  readonly name: string;
  readonly capacity: Capacity;
  /** As Kubernetes names them: `amd64`, `linux`. */
  readonly architecture: string;
  readonly operatingSystem: string;
  /** Of the kernel, which stands for the image: `Linux`. */
  readonly osName: string;
  readonly kernelVersion: string;
  /** Of the program that plays the kubelet. */
  readonly version: string;
}

const fieldManager = 'kubelet';

/** A Ready node. It sends no heartbeats: it lives and dies with the server that would read them. */
export function makeNode(description: NodeDescription, now: number): Node {
  const { name, capacity, architecture, operatingSystem, osName, kernelVersion, version } = description;
  const amounts = {
    cpu: String(capacity.cpu),
    memory: `${Math.floor(capacity.memoryBytes / 1024)}Ki`,
    pods: String(capacity.pods),
  };
  const time = rfc3339(now);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/arch': architecture,
        'kubernetes.io/os': operatingSystem,
      },
    },
    spec: {},
    status: {
      capacity: amounts,
      allocatable: amounts,
      addresses: [
        { type: 'InternalIP', address: podIp },
        { type: 'Hostname', address: name },
      ],
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'KubeletReady',
          message: 'kubelet is posting ready status',
          lastTransitionTime: time,
        },
      ],
      nodeInfo: {
        architecture,
        operatingSystem,
        osImage: osName,
        kernelVersion,
        kubeletVersion: version,
        containerRuntimeVersion: 'process://1',
      },
    },
  };
}

export async function registerNode(client: Pick<KubeClient, 'create' | 'mergePatch'>, node: Node): Promise<void> {
  try {
    await client.create(nodes, node, { fieldManager });
  } catch (error) {
    if (!isAlreadyExists(error)) {
      throw error;
    }
  }
  const { status } = node;
  await client.mergePatch(nodes, node.metadata, { status }, { fieldManager, subresource: 'status' });
}
