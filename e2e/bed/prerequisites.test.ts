import { expect, it } from 'vitest';
import { explainMissing, type Machine, missingPackages } from './prerequisites.ts';

const complete: Machine = {
  platform: 'linux',
  isRoot: true,
  hasProgram: () => true,
  hasFile: () => true,
  mayIsolate: true,
};

it('a machine that has everything hears nothing', () => {
  expect(explainMissing(complete)).toBeUndefined();
  expect(missingPackages(complete)).toEqual([]);
});

it('all that is missing is said at once, with the command that brings it', () => {
  const message = explainMissing({
    ...complete,
    isRoot: false,
    hasProgram: (name) => !['go', 'buildah', 'nft'].includes(name),
    hasFile: () => false,
  });
  expect(message).toMatch(/^The bed needs what is not here:\n- root: /u);
  expect(message).toContain('- go: Go 1.26 or newer');
  expect(message).toMatch(/On Debian: apt-get install --no-install-recommends nftables buildah libseccomp-dev$/u);
});

it('root without the rights of root is told so', () => {
  expect(explainMissing({ ...complete, mayIsolate: false })).toContain('CAP_SYS_ADMIN');
});

it('what no package brings is not in the command', () => {
  const message = explainMissing({ ...complete, platform: 'darwin', hasProgram: (name) => name !== 'go' });
  expect(message).toContain('- Linux: this is darwin');
  expect(message).not.toContain('apt-get');
});
