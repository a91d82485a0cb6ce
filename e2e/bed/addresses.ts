/** All of it is from 198.18.0.0/15, which RFC 2544 sets aside for tests: nothing that a machine may want to reach is hidden. */
export const network = {
  /** Of nodes, on a bridge of this machine. */
  nodes: '198.18.0.0/24',
  pods: '198.18.128.0/17',
  services: '198.19.0.0/16',
  /** This machine on the bridge. */
  host: '198.18.0.254',
  apiService: '198.19.0.1',
  dnsService: '198.19.0.10',
} as const;

export const mostNodes = 8;

export interface NodeAddresses {
  /** `node-1` is the one with the control plane. */
  readonly name: string;
  readonly address: string;
  /** Its part of the Pods' addresses. */
  readonly podRange: string;
}

/** @param index from 1 */
export function nodeAddresses(index: number): NodeAddresses {
  if (index < 1 || index > mostNodes) {
    throw new RangeError(`a bed has 1 to ${mostNodes} nodes, not ${index}`);
  }
  return { name: `node-${index}`, address: `198.18.0.${index}`, podRange: `198.18.${127 + index}.0/24` };
}

/** Where everybody finds the API server. */
export const apiUrl = `https://${nodeAddresses(1).address}:6443`;
