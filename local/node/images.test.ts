import { describe, expect, it } from 'vitest';
import { findImage, makePullError } from './images.ts';

const runtime = { command: ['node', 'main.ts'] };
const pinned = { command: ['node', 'old.ts'] };
const images = new Map([
  ['ghcr.io/flint-dev/runtime-nodejs', runtime],
  ['ghcr.io/flint-dev/runtime-nodejs:0.0.1', pinned],
  ['localhost:5000/app', runtime],
]);

describe('an image reference', () => {
  const cases = [
    { reference: 'ghcr.io/flint-dev/runtime-nodejs', want: runtime },
    { reference: 'ghcr.io/flint-dev/runtime-nodejs:0.1.0', want: runtime },
    { reference: 'ghcr.io/flint-dev/runtime-nodejs:0.0.1', want: pinned },
    { reference: 'ghcr.io/flint-dev/runtime-nodejs:0.1.0@sha256:abc', want: runtime },
    { reference: 'localhost:5000/app:1', want: runtime },
    { reference: 'localhost:5000/app', want: runtime },
    { reference: 'ghcr.io/flint-dev/runtime-nodejs-extra', want: undefined },
    { reference: 'nginx', want: undefined },
  ];
  for (const { reference, want } of cases) {
    it(`${reference} is ${want === undefined ? 'unknown' : 'known'}`, () => {
      expect(findImage(images, reference)).toBe(want);
    });
  }

  it('that is unknown is told with what there is', () => {
    expect(makePullError(images, 'nginx')).toContain('"nginx": not found');
    expect(makePullError(images, 'nginx')).toContain('ghcr.io/flint-dev/runtime-nodejs');
  });
});
