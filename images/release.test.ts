import { expect, it } from 'vitest';
import { components, defaultBase } from './components.ts';
import { makeReleaseValues, pinBase } from './release.ts';

const digest = `sha256:${'a'.repeat(64)}`;

it.for([
  ['gcr.io/distroless/nodejs24-debian13:nonroot', `gcr.io/distroless/nodejs24-debian13@${digest}`],
  ['registry.test:5000/node', `registry.test:5000/node@${digest}`],
  ['registry.test:5000/node:24', `registry.test:5000/node@${digest}`],
])('the base %s is pinned', async ([base = '', want]) => {
  expect(await pinBase(base, () => Promise.resolve(digest))).toBe(want);
});

it('a base that is pinned stays what it is, and nobody is asked', async () => {
  const pinned = `${defaultBase}@${digest}`;
  expect(await pinBase(pinned, () => Promise.reject(new Error('asked')))).toBe(pinned);
});

it('the values of a release name every image by its digest', () => {
  const images = components.map((component, index) => ({
    component,
    reference: '',
    digest: `sha256:${String(index).repeat(64)}`,
  }));
  expect(makeReleaseValues(images, { registry: 'r.test', tag: '1.0.0' })).toEqual({
    image: { registry: 'r.test', tag: '1.0.0' },
    operator: { image: { digest: `sha256:${'0'.repeat(64)}` } },
    activator: { image: { digest: `sha256:${'1'.repeat(64)}` } },
    runtimes: { nodejs: { image: { digest: `sha256:${'2'.repeat(64)}` } } },
  });
});
