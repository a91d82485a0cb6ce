import { join } from 'node:path';
import { network, type NodeAddresses } from './addresses.ts';
import type { NodePlan } from './node-configuration.ts';
import type { Process } from './processes.ts';

/** Its end of the cable; the other one hangs on the bridge of the machine. */
export const nodeInterface = 'eth0';

/**
 * What the first process of a node does, in mount, network, process and host name spaces of its own: joins the network,
 * starts the programs, and starts those again that end. Everything ends with it.
 */
export function startScript(plan: NodePlan, processes: readonly Process[], others: readonly NodeAddresses[]): string {
  const { addresses, folders, bed, programs } = plan;
  const launch = ({ name, args }: Process): string => {
    const log = join(bed.logs, `${addresses.name}-${name}.log`);
    return `keep ${quote(log)} ${[join(programs, name), ...args].map(quote).join(' ')} &`;
  };
  const launchAll = (after: Process['after']): string =>
    processes
      .filter((process) => process.after === after)
      .map(launch)
      .join('\n');
  return `#!/bin/bash
set -eu
export PATH=${quote(programs)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

keep() { # LOG PROGRAM...: one that ends is started again, so that it may be killed to see what happens
  local log=$1
  shift
  while true; do
    "$@" >>"$log" 2>&1 || true
    echo "ended; starting again in a moment" >>"$log"
    sleep 0.5
  done
}

mount --make-rprivate /
mount -t proc proc /proc
mount --bind ${quote(folders.run)} /run
hostname ${addresses.name}

ip link set lo up
until ip link show ${nodeInterface} >/dev/null 2>&1; do sleep 0.02; done
ip address add ${addresses.address}/24 dev ${nodeInterface}
ip link set ${nodeInterface} up
ip route add default via ${network.host}
${others.map(({ podRange, address }) => `ip route add ${podRange} via ${address}`).join('\n')}
echo 1 >/proc/sys/net/ipv4/ip_forward

${launchAll('start')}
touch ${quote(folders.started)}
until [ -e ${quote(apiReadyFile(plan))} ]; do sleep 0.02; done
${launchAll('api')}
wait
`;
}

/** Made by whoever waits for the API server. */
export function apiReadyFile({ bed }: Pick<NodePlan, 'bed'>): string {
  return join(bed.root, 'api-ready');
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
