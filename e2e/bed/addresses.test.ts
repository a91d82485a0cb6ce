import { BlockList } from 'node:net';
import { expect, it } from 'vitest';
import { mostNodes, network, nodeAddresses } from './addresses.ts';

function blockOf(range: string): BlockList {
  const [address = '', prefix = ''] = range.split('/');
  const block = new BlockList();
  block.addSubnet(address, Number(prefix));
  return block;
}

const everybody = Array.from({ length: mostNodes }, (_, index) => nodeAddresses(index + 1));

it('every node has its own address and its own part of the Pods', () => {
  expect(new Set(everybody.map(({ address }) => address)).size).toBe(mostNodes);
  expect(new Set(everybody.map(({ podRange }) => podRange)).size).toBe(mostNodes);
  for (const { address, podRange } of everybody) {
    expect(blockOf(network.nodes).check(address)).toBe(true);
    expect(blockOf(network.pods).check(podRange.split('/')[0] ?? '')).toBe(true);
  }
});

it('all of it lies in the addresses that are set aside for tests', () => {
  const tests = blockOf('198.18.0.0/15');
  const all = [network.host, network.apiService, network.dnsService, ...everybody.map(({ address }) => address)];
  expect(all.filter((address) => !tests.check(address))).toEqual([]);
});

it.for([0, mostNodes + 1])('there is no node %i', (index) => {
  expect(() => nodeAddresses(index)).toThrow(`1 to ${mostNodes} nodes`);
});
