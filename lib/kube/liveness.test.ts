import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { createClient } from './http-client.ts';
import type { HttpClient } from './http-client.ts';
import { destroyWhenDead } from './liveness.ts';
import { configMaps, deployments } from './resources.ts';
import { type Http2Server, serveHttp2 } from './testing/http2-server.ts';

class FakePeer extends EventEmitter {
  bytesRead = 100;
  destroyed: Error | undefined;

  destroy(error: Error): void {
    this.destroyed = error;
    this.emit('close');
  }
}

describe('a peer', () => {
  it('that says nothing is given up within four intervals, and watched no longer', async () => {
    const [peer, clock] = [new FakePeer(), new FakeClock()];
    destroyWhenDead(peer, { clock, everyMs: 5000 });
    await clock.advance(4000);
    peer.bytesRead += 1;
    await clock.advance(15_000);
    expect(peer.destroyed).toBeUndefined();
    await clock.advance(1000);
    expect(peer.destroyed?.message).toBe('the server gave no sign of life for 15 s');
    expect(clock.pending).toBe(0);
  });

  it('that says anything now and then is left alone', async () => {
    const [peer, clock] = [new FakePeer(), new FakeClock()];
    destroyWhenDead(peer, { clock, everyMs: 5000 });
    for (let round = 0; round < 100; round++) {
      await clock.advance(11_000);
      peer.bytesRead += 17;
    }
    expect(peer.destroyed).toBeUndefined();
    peer.emit('close');
    expect(clock.pending).toBe(0);
  });
});

describe('an HTTP/2 connection that is half open', () => {
  const pingMs = 100;
  const at = { namespace: 'a', name: 'm' };
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).toReversed()) {
      await cleanUp();
    }
  });

  async function connect(): Promise<{ readonly server: Http2Server; readonly client: HttpClient }> {
    const server = await serveHttp2();
    cleanUps.push(() => server.close());
    const { connection } = server;
    const client = createClient({ connection, clock: systemClock, random: () => 0, userAgent: 'flint-test', pingMs });
    cleanUps.push(() => client.close());
    return { server, client };
  }

  /** @returns how it ended, once it has begun. */
  async function follow(client: HttpClient): Promise<{ readonly ended: Promise<unknown> }> {
    const options = { resourceVersion: '', timeoutSeconds: 300 };
    const events = client.watch(configMaps, options, new AbortController().signal)[Symbol.asyncIterator]();
    await events.next();
    return { ended: events.next().catch((error: unknown) => error) };
  }

  it('is destroyed with its watches; a call on it is made on another', async () => {
    const { server, client } = await connect();
    const watch = await follow(client);
    await client.get(configMaps, at);
    // One for all, as from every API server.
    expect(server.connections).toBe(1);
    server.stall();
    await client.setScale(deployments, at, 1, { fieldManager: 'x' });
    expect(String(await watch.ended)).toContain('no sign of life');
    expect(server.connections).toBe(2);
  });

  it('is destroyed although nobody calls, or all who call give up', async () => {
    const { server, client } = await connect();
    const watch = await follow(client);
    server.stall();
    const call = client.get(configMaps, at, { signal: AbortSignal.timeout(pingMs) });
    await expect(call).rejects.toThrow(/timeout/u);
    expect(String(await watch.ended)).toContain('no sign of life');
    await client.get(configMaps, at);
    expect(server.connections).toBe(2);
  });

  it('is told from one that is quiet', async () => {
    const { server, client } = await connect();
    const watch = await follow(client);
    await systemClock.sleep(pingMs * 10);
    await client.get(configMaps, at);
    expect(server.connections).toBe(1);
    await client.close();
    expect(await watch.ended).toBeInstanceOf(Error);
  });
});
