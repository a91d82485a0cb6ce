import { expect, it } from 'vitest';
import { ConfigError } from '../../lib/errors.ts';
import { chooseCluster, explainSilence } from './choose-cluster.ts';

const own = '/flint/.flint/kubeconfig';
const dev = undefined;

it('the cluster of npm start is talked to unless another one is named', () => {
  expect(chooseCluster({ args: ['get', 'pods'], set: undefined, own, dev })).toEqual({ kubeconfig: own, dev });
  expect(chooseCluster({ args: ['get', 'pods'], set: '', own, dev })).toEqual({ kubeconfig: own, dev });
});

it('kubectl’s own argument is left to it', () => {
  for (const args of [
    ['--kubeconfig=/other', 'version'],
    ['version', '--kubeconfig', '/other'],
  ]) {
    expect(chooseCluster({ args, set: '/set', own, dev })).toEqual({ kubeconfig: undefined });
  }
});

it('KUBECONFIG goes before the cluster of npm start, and that is said', () => {
  expect(chooseCluster({ args: [], set: '/set', own, dev })).toEqual({
    kubeconfig: '/set',
    notice: `KUBECONFIG is set: this is about the cluster of /set, not of ${own}`,
  });
});

it('nothing is said where there is nothing to mix up', () => {
  expect(chooseCluster({ args: [], set: own, own, dev })).toEqual({ kubeconfig: own, dev });
  expect(chooseCluster({ args: [], set: '/set', own: undefined, dev })).toEqual({ kubeconfig: '/set' });
});

it('without any cluster it says how to get one', () => {
  expect(() => chooseCluster({ args: ['get', 'pods'], set: undefined, own: undefined, dev })).toThrow(ConfigError);
});

it('where npm run dev runs, its cluster is named', () => {
  const there = '.flint/dev/kubeconfig';
  const choose = (): unknown => chooseCluster({ args: ['get', 'pods'], set: undefined, own: undefined, dev: there });
  expect(choose).toThrow(`--kubeconfig ${there}`);
  expect(explainSilence(there)).toMatch(
    /^npm start is not running.*\n.*npm run dev.* --kubeconfig \.flint\/dev\/kubeconfig/u,
  );
  expect(explainSilence(undefined)).toBe('npm start is not running: its cluster does not answer.');
});
