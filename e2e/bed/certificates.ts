import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { apiUrl, network, type NodeAddresses } from './addresses.ts';
import { runCommand } from '../../images/run-command.ts';

interface Certificate {
  readonly name: string;
  readonly subject: string;
  readonly alternativeNames?: readonly string[];
}

const days = '30';

/** Who talks to the API server as whom; `nodes` are added to these. */
const clients: readonly Certificate[] = [
  { name: 'admin', subject: '/O=system:masters/CN=admin' },
  { name: 'kubelet-client', subject: '/O=system:masters/CN=kube-apiserver-kubelet-client' },
  { name: 'controller-manager', subject: '/CN=system:kube-controller-manager' },
  { name: 'scheduler', subject: '/CN=system:kube-scheduler' },
  { name: 'kube-proxy', subject: '/CN=system:kube-proxy' },
  { name: 'coredns', subject: '/CN=coredns' },
];

const apiServer: Certificate = {
  name: 'apiserver',
  subject: '/CN=kube-apiserver',
  alternativeNames: [
    ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'].map(
      (name) => `DNS:${name}`,
    ),
    `IP:${network.apiService}`,
    `IP:${new URL(apiUrl).hostname}`,
  ],
};

/** Of a node: its kubelet's client and server certificate in one. */
function nodeCertificate({ name, address }: NodeAddresses): Certificate {
  return {
    name,
    subject: `/O=system:nodes/CN=system:node:${name}`,
    alternativeNames: [`DNS:${name}`, `IP:${address}`],
  };
}

/** A certificate authority of the bed's own and what it signs, as `NAME.crt`, `NAME.key` and `NAME.kubeconfig`. */
export async function createCertificates(folder: string, nodes: readonly NodeAddresses[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await createKey(folder, 'ca');
  await openssl(folder, 'req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=bed', '-days', days, '-out', 'ca.crt');
  await createKey(folder, 'service-accounts');
  await openssl(folder, 'ec', '-in', 'service-accounts.key', '-pubout', '-out', 'service-accounts.pub');
  const nodeClients = nodes.map(nodeCertificate);
  await Promise.all([apiServer, ...clients, ...nodeClients].map((certificate) => sign(folder, certificate)));
  await Promise.all([...clients, ...nodeClients].map(({ name }) => writeKubeconfig(folder, name)));
}

async function sign(folder: string, { name, subject, alternativeNames = [] }: Certificate): Promise<void> {
  await createKey(folder, name);
  await openssl(folder, 'req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
  const extensions = [
    'basicConstraints=CA:FALSE',
    'keyUsage=digitalSignature',
    'extendedKeyUsage=serverAuth,clientAuth',
    ...(alternativeNames.length === 0 ? [] : [`subjectAltName=${alternativeNames.join(',')}`]),
  ];
  await writeFile(join(folder, `${name}.ext`), `${extensions.join('\n')}\n`);
  const request = ['x509', '-req', '-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', `${name}.crt`];
  await openssl(folder, ...request, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', days, '-set_serial', serial());
}

function createKey(folder: string, name: string): Promise<string> {
  return openssl(folder, 'ecparam', '-genkey', '-noout', '-name', 'prime256v1', '-out', `${name}.key`);
}

function serial(): string {
  return `0x${crypto.randomUUID().replaceAll('-', '')}`;
}

function openssl(cwd: string, ...args: string[]): Promise<string> {
  return runCommand('openssl', args, { cwd });
}

async function writeKubeconfig(folder: string, name: string): Promise<void> {
  const read = async (file: string): Promise<string> => (await readFile(join(folder, file))).toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bed',
    clusters: [{ name: 'bed', cluster: { server: apiUrl, 'certificate-authority-data': await read('ca.crt') } }],
    users: [
      {
        name,
        user: {
          'client-certificate-data': await read(`${name}.crt`),
          'client-key-data': await read(`${name}.key`),
        },
      },
    ],
    contexts: [{ name: 'bed', context: { cluster: 'bed', user: name } }],
  };
  await writeFile(join(folder, `${name}.kubeconfig`), dump(config), { mode: 0o600 });
}
