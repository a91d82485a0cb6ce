import { expect, it } from 'vitest';
import { ConfigError } from '../../lib/errors.ts';
import { chooseCluster } from './choose-cluster.ts';

const own = '/flint/.flint/kubeconfig';

it('the cluster of npm start is talked to unless another one is named', () => {
  expect(chooseCluster({ args: ['get', 'pods'], set: undefined, own })).toEqual({ kubeconfig: own });
  expect(chooseCluster({ args: ['get', 'pods'], set: '', own })).toEqual({ kubeconfig: own });
});

it('kubectl’s own argument is left to it', () => {
  for (const args of [
    ['--kubeconfig=/other', 'version'],
    ['version', '--kubeconfig', '/other'],
  ]) {
    expect(chooseCluster({ args, set: '/set', own })).toEqual({ kubeconfig: undefined });
  }
});

it('KUBECONFIG goes before the cluster of npm start, and that is said', () => {
  expect(chooseCluster({ args: [], set: '/set', own })).toEqual({
    kubeconfig: '/set',
    notice: `KUBECONFIG is set: this is about the cluster of /set, not of ${own}`,
  });
});

it('nothing is said where there is nothing to mix up', () => {
  expect(chooseCluster({ args: [], set: own, own })).toEqual({ kubeconfig: own });
  expect(chooseCluster({ args: [], set: '/set', own: undefined })).toEqual({ kubeconfig: '/set' });
});

it('without any cluster it says how to get one', () => {
  expect(() => chooseCluster({ args: ['get', 'pods'], set: undefined, own: undefined })).toThrow(ConfigError);
});
