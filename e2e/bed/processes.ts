import { apiUrl, network } from './addresses.ts';
import type { NodePlan } from './node-configuration.ts';

/** A long-running program of a node. */
export interface Process {
  readonly name: string;
  readonly args: readonly string[];
  /** `start`: at once. `api`: when the API server answers. */
  readonly after: 'start' | 'api';
}

const etcdUrl = 'http://127.0.0.1:2379';
const serviceAccountIssuer = 'https://kubernetes.default.svc';

/** What runs beside the first node. */
export function controlPlane({ addresses, folders, bed }: NodePlan): Process[] {
  const pki = bed.certificates;
  const peerUrl = 'http://127.0.0.1:2380';
  return [
    {
      name: 'etcd',
      after: 'start',
      args: [
        `--data-dir=${folders.root}/etcd`,
        `--listen-client-urls=${etcdUrl}`,
        `--advertise-client-urls=${etcdUrl}`,
        `--listen-peer-urls=${peerUrl}`,
        // Nobody needs this cluster after a power failure.
        '--unsafe-no-fsync',
      ],
    },
    {
      name: 'kube-apiserver',
      after: 'start',
      args: [
        `--etcd-servers=${etcdUrl}`,
        `--service-cluster-ip-range=${network.services}`,
        `--secure-port=${new URL(apiUrl).port}`,
        `--advertise-address=${addresses.address}`,
        `--tls-cert-file=${pki}/apiserver.crt`,
        `--tls-private-key-file=${pki}/apiserver.key`,
        `--client-ca-file=${pki}/ca.crt`,
        '--authorization-mode=Node,RBAC',
        '--anonymous-auth=false',
        `--service-account-issuer=${serviceAccountIssuer}`,
        `--service-account-key-file=${pki}/service-accounts.pub`,
        `--service-account-signing-key-file=${pki}/service-accounts.key`,
        `--kubelet-client-certificate=${pki}/kubelet-client.crt`,
        `--kubelet-client-key=${pki}/kubelet-client.key`,
        `--kubelet-certificate-authority=${pki}/ca.crt`,
        '--kubelet-preferred-address-types=InternalIP',
        '--allow-privileged',
      ],
    },
    {
      name: 'kube-controller-manager',
      after: 'api',
      args: [
        `--kubeconfig=${pki}/controller-manager.kubeconfig`,
        '--use-service-account-credentials',
        `--service-account-private-key-file=${pki}/service-accounts.key`,
        `--root-ca-file=${pki}/ca.crt`,
        '--leader-elect=false',
      ],
    },
    {
      name: 'kube-scheduler',
      after: 'api',
      args: [`--kubeconfig=${pki}/scheduler.kubeconfig`, '--leader-elect=false'],
    },
    { name: 'coredns', after: 'api', args: ['-conf', `${folders.root}/Corefile`] },
  ];
}

/** What runs on every node. */
export function nodeProcesses({ addresses, folders, bed }: NodePlan): Process[] {
  return [
    { name: 'containerd', after: 'start', args: ['--config', `${folders.containerd}/config.toml`] },
    {
      name: 'kubelet',
      after: 'api',
      args: [
        `--config=${folders.kubelet}/config.yaml`,
        `--kubeconfig=${bed.certificates}/${addresses.name}.kubeconfig`,
        `--root-dir=${folders.kubelet}/root`,
        `--cert-dir=${folders.kubelet}/pki`,
        `--hostname-override=${addresses.name}`,
        `--node-ip=${addresses.address}`,
      ],
    },
    {
      name: 'kube-proxy',
      after: 'api',
      args: [
        `--kubeconfig=${bed.certificates}/kube-proxy.kubeconfig`,
        '--proxy-mode=nftables',
        `--cluster-cidr=${network.pods}`,
        // The limits of this machine are its owner's.
        '--conntrack-max-per-core=0',
        `--hostname-override=${addresses.name}`,
      ],
    },
  ];
}
