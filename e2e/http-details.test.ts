import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { functionManifest } from './framework/manifest.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();

const code = `
import { text } from 'node:stream/consumers';
export default async (req, res) => {
  if (req.url === '/hints') {
    res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
    res.end('hinted');
    return;
  }
  const body = await text(req);
  res.writeHead(200, { trailer: 'x-length' });
  res.write('a body of ');
  res.addTrailers({ 'x-length': String(body.length) });
  res.end('some length');
};
`;

story.prepare(async () => {
  const env = [{ name: 'FLINT_MAX_BODY_BYTES', value: '1000000' }];
  await story.kubectl.apply(functionManifest('details', code, { env, scaling: { idleTimeout: '1m' } }));
  await story.untilReady('details');
});

it('early hints of a function come before its answer', async () => {
  const interim: unknown[] = [];
  const response = await story.open('details', {
    path: '/hints',
    onInterim: (status, { link }) => interim.push([status, link]),
  });
  expect(await text(response)).toBe('hinted');
  expect(interim).toEqual([[103, '</style.css>; rel=preload; as=style']]);
});

it('trailers of a function follow its answer', async () => {
  const response = await story.open('details', { method: 'POST', body: 'twelve bytes' });
  expect(await text(response)).toBe('a body of some length');
  expect(response.trailers).toEqual({ 'x-length': '12' });
});

it('a body that is larger than its function takes is refused by the runtime, whether that says so or not', async () => {
  const bytes = Buffer.alloc(5_000_000, 'x');
  for (const body of [bytes, Readable.from([bytes])]) {
    const { status, headers, flintError, text: problem } = await story.request('details', { method: 'POST', body });
    expect([status, headers['content-type'], flintError]).toEqual([413, 'application/problem+json', undefined]);
    expect(problem).toContain('the body has more than the 1000000 bytes that are allowed');
  }
  const { status } = await story.request('details', { method: 'POST', body: 'small' });
  expect(status).toBe(200);
});
