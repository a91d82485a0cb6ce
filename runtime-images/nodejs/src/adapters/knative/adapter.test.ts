import { afterEach, expect, it } from 'vitest';
import { Servers } from '../../testing/served.ts';
import { knativeAdapter } from './adapter.ts';

const servers = new Servers();
afterEach(async () => {
  await servers.close();
});

it.each<unknown>([undefined, null, 'reason'])(
  'a handler that throws %s has failed, and nothing else is logged',
  async (thrown) => {
    const value = (): never => {
      throw thrown as Error;
    };
    const served = await knativeAdapter.adapt({ name: 'index.mjs.handle', value, siblings: new Map() });
    const { url, lines } = await servers.serve(served?.invoke ?? (() => Promise.reject(new Error('not a handler'))));
    expect((await fetch(url)).status).toBe(500);
    expect(lines).toEqual(['error: the function failed']);
  },
);
