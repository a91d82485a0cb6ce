/** The programs of a cluster, each built from the Go module proxy by one of the `go.mod` files below `go/`. */
export interface Program {
  readonly name: string;
  /** The folder below `go/` whose `go.mod` pins it. */
  readonly module: 'kubernetes' | 'node';
  readonly package: string;
  readonly ldflags?: readonly string[];
  readonly tags?: readonly string[];
  readonly cgo?: boolean;
}

const kubernetesVersion = 'v1.37.2';

const version = 'k8s.io/component-base/version';
const kubernetesFlags = [
  `-X ${version}.gitVersion=${kubernetesVersion}`,
  `-X ${version}.gitMajor=1`,
  `-X ${version}.gitMinor=37`,
];

const kubernetes = (name: string): Program => ({
  name,
  module: 'kubernetes',
  package: `k8s.io/kubernetes/cmd/${name}`,
  ldflags: kubernetesFlags,
});

const containerd = (name: string): Program => ({
  name,
  module: 'node',
  package: `github.com/containerd/containerd/v2/cmd/${name}`,
  tags: ['no_btrfs', 'no_devmapper', 'no_zfs', 'no_aufs'],
});

const plugin = (kind: string, name: string): Program => ({
  name,
  module: 'node',
  package: `github.com/containernetworking/plugins/plugins/${kind}/${name}`,
});

/** The longest first, so that what is left at the end is short. */
export const programs: readonly Program[] = [
  ...['kubelet', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy'].map(kubernetes),
  { name: 'coredns', module: 'node', package: 'github.com/coredns/coredns' },
  { name: 'etcd', module: 'node', package: 'go.etcd.io/etcd/server/v3' },
  ...['containerd', 'containerd-shim-runc-v2', 'ctr'].map(containerd),
  { name: 'runc', module: 'node', package: 'github.com/opencontainers/runc', tags: ['seccomp'], cgo: true },
  plugin('main', 'bridge'),
  plugin('main', 'loopback'),
  plugin('ipam', 'host-local'),
  plugin('meta', 'portmap'),
];
