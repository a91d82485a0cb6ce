import { dump } from 'js-yaml';
import { network, type NodeAddresses } from './addresses.ts';
import type { BedFolders, NodeFolders } from './folders.ts';

export const sandboxImage = 'flint.dev/bed-sandbox:1';
/** Below every cgroup hierarchy; a child for each node. */
export const cgroupRoot = '/flint-bed';

export interface NodePlan {
  readonly addresses: NodeAddresses;
  readonly folders: NodeFolders;
  readonly bed: BedFolders;
  /** Where the programs are. */
  readonly programs: string;
}

/** config.toml of containerd 2. */
export function containerdConfig({ folders, programs }: NodePlan): string {
  return `version = 3
root = "${folders.containerd}/root"
state = "${folders.containerd}/state"

[grpc]
  address = "${folders.containerdSocket}"

[plugins."io.containerd.cri.v1.runtime"]
  # Without CAP_SYS_RESOURCE every sandbox would fail to lower its score.
  restrict_oom_score_adj = true

  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["${programs}"]
    conf_dir = "${folders.cni}/conf"

  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"

    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      BinaryName = "${programs}/runc"

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "${sandboxImage}"
`;
}

/** The conflist of the bridge that Pods hang on. */
export function networkConfig({ addresses, folders }: NodePlan): string {
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    ipMasq: false,
    hairpinMode: true,
    ipam: {
      type: 'host-local',
      ranges: [[{ subnet: addresses.podRange }]],
      routes: [{ dst: '0.0.0.0/0' }],
      dataDir: `${folders.cni}/addresses`,
    },
  };
  const plugins = [bridge, { type: 'portmap', capabilities: { portMappings: true } }];
  return `${JSON.stringify({ cniVersion: '1.0.0', name: 'bed', plugins }, null, 2)}\n`;
}

/** KubeletConfiguration, for cgroup v1 and v2 alike. */
export function kubeletConfig({ addresses, folders, bed }: NodePlan): string {
  return dump({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `${cgroupRoot}/${addresses.name}`,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    clusterDNS: [network.dnsService],
    clusterDomain: 'cluster.local',
    containerRuntimeEndpoint: `unix://${folders.containerdSocket}`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${bed.certificates}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${bed.certificates}/${addresses.name}.crt`,
    tlsPrivateKeyFile: `${bed.certificates}/${addresses.name}.key`,
    // There is no registry: an image that was loaded stays, and counts although an attempt to pull it failed before.
    imageGCHighThresholdPercent: 100,
    imagePullCredentialsVerificationPolicy: 'NeverVerify',
    evictionHard: { 'memory.available': '100Mi' },
    maxPods: 250,
  });
}

/** Of the cluster's DNS, which runs beside the control plane. */
export function dnsConfig({ addresses, bed }: NodePlan): string {
  return `.:53 {
  bind ${addresses.address}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${bed.certificates}/coredns.kubeconfig
  }
  cache 5
}
`;
}
