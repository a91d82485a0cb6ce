import { access, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../framework/patience.ts';
import type { HttpClient } from '../../lib/kube/http-client.ts';
import { listAll } from '../../lib/kube/list-all.ts';
import { network, type NodeAddresses, nodeAddresses } from './addresses.ts';
import { nodes as nodeResource } from '../../local/controllers/resources.ts';
import { isReady, openApi } from './api.ts';
import { buildSandboxImage, importImage } from './bed-images.ts';
import { buildPrograms, type Say } from './build-programs.ts';
import { createCertificates } from './certificates.ts';
import { createCgroups } from './cgroups.ts';
import { applyClusterDns } from './cluster-dns.ts';
import { down } from './down.ts';
import { type BedFolders, bedFolders, nodeFolders } from './folders.ts';
import { addRoute, connectNode, createBridge, firstProcess, startNode } from './namespaces.ts';
import { containerdConfig, dnsConfig, kubeletConfig, networkConfig, type NodePlan } from './node-configuration.ts';
import { controlPlane, nodeProcesses } from './processes.ts';
import { apiReadyFile, startScript } from './start-script.ts';

export interface UpOptions {
  readonly cache: string;
  readonly nodes: number;
  readonly say: Say;
}

const patience = { withinMs: 180_000, everyMs: 50 };

/** A cluster from nothing: programs, certificates, nodes, DNS. @returns where its kubeconfig is */
export async function up({ cache, nodes, say }: UpOptions): Promise<BedFolders> {
  const programs = await buildPrograms(cache, say);
  const sandbox = await buildSandboxImage(cache);
  const bed = bedFolders(cache);
  await down(cache);
  const startedAt = performance.now();
  const seconds = (): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const all = Array.from({ length: nodes }, (_, index) => nodeAddresses(index + 1));
  await mkdir(bed.logs, { recursive: true });
  await createCertificates(bed.certificates, all);
  await copyFile(join(bed.certificates, 'admin.kubeconfig'), bed.kubeconfig);
  await createCgroups(all.map(({ name }) => name));
  await createBridge();
  const plans = all.map((addresses) => ({ addresses, folders: nodeFolders(bed, addresses.name), bed, programs }));
  await Promise.all(plans.map((plan, index) => start(plan, index + 1, all)));
  await addRoute(network.services, nodeAddresses(1).address);
  const client = await openApi(bed.certificates);
  try {
    await untilApi(client);
    await writeFile(apiReadyFile({ bed }), '');
    say(`  API server    ${seconds()}`);
    // For a moment after its first answer the server does not know its own Service addresses.
    await eventually('the cluster has DNS', () => applyClusterDns(client).then(() => true), patience);
    await Promise.all(plans.map((plan) => importSandbox(plan, sandbox)));
    await untilReady(client, nodes);
    say(`  nodes ready   ${seconds()}`);
  } finally {
    await client.close();
  }
  return bed;
}

async function start(plan: NodePlan, index: number, all: readonly NodeAddresses[]): Promise<void> {
  const { addresses, folders, bed } = plan;
  const isFirst = index === 1;
  const processes = [...(isFirst ? controlPlane(plan) : []), ...nodeProcesses(plan)];
  const others = all.filter(({ name }) => name !== addresses.name);
  for (const folder of [folders.containerd, `${folders.cni}/conf`, folders.kubelet, folders.run]) {
    await mkdir(folder, { recursive: true });
  }
  await writeFile(join(folders.containerd, 'config.toml'), containerdConfig(plan));
  await writeFile(join(folders.cni, 'conf', '10-bed.conflist'), networkConfig(plan));
  await writeFile(join(folders.kubelet, 'config.yaml'), kubeletConfig(plan));
  await writeFile(join(folders.root, 'Corefile'), dnsConfig(plan));
  await writeFile(folders.script, startScript(plan, processes, others));
  const log = join(bed.logs, `${addresses.name}-start.log`);
  startNode(folders.script, addresses.name, log);
  const pid = await eventually(`${addresses.name} has namespaces`, () => firstProcess(addresses.name), { everyMs: 10 });
  await connectNode(index, pid);
  await addRoute(addresses.podRange, addresses.address);
  await eventually(
    `${addresses.name} has started; see ${log}`,
    () => access(folders.started).then(() => true),
    patience,
  );
}

async function untilApi(client: HttpClient): Promise<void> {
  await eventually('the API server answers', () => listAll(client, nodeResource).then(() => true), patience);
}

async function importSandbox({ addresses, bed, folders, programs }: NodePlan, archive: string): Promise<void> {
  await eventually('containerd listens', () => access(folders.containerdSocket).then(() => true), patience);
  await eventually(
    'containerd answers',
    () => importImage({ bed, node: addresses.name, programs }, archive).then(() => true),
    patience,
  );
}

async function untilReady(client: HttpClient, count: number): Promise<void> {
  await eventually(
    `${count} nodes are ready`,
    async () => ((await listAll(client, nodeResource)).filter(isReady).length === count ? true : undefined),
    patience,
  );
}
