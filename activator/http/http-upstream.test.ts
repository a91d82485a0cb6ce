import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import type { ReplicaAddress } from '../capacity.ts';
import { HttpUpstream } from './http-upstream.ts';
import { Bench, respond, until } from './testing/front.ts';
import type { UpstreamRequest } from './upstream.ts';

const bench = new Bench();
const clock = new FakeClock();
let upstream = makeUpstream();
afterEach(async () => {
  upstream.close();
  upstream = makeUpstream();
  await bench.close();
});

function makeUpstream(): HttpUpstream {
  return new HttpUpstream({ clock, connectMs: 2000, keepAliveMs: 100, maxHeaderBytes: 16_384 });
}

const request: UpstreamRequest = {
  method: 'GET',
  path: '/',
  headers: ['Host', 'hello.shop'],
  sendBody: (sink) => {
    sink.end();
  },
  onInterim: () => undefined,
};

async function replicaOf(listener: RequestListener): Promise<ReplicaAddress> {
  return { id: 'uid-1', host: '127.0.0.1', port: await bench.replica(listener), protocol: 'Http1' };
}

async function ask(replica: ReplicaAddress, signal = new AbortController().signal): Promise<string> {
  const answer = await upstream.send(replica, request, signal);
  return answer.kind === 'answer' ? text(answer.body) : 'upgraded';
}

describe('a connection to a replica', () => {
  it('that is lost before anything went over it, kept or not, is known to have sent nothing', async () => {
    const replica = await replicaOf(respond('hi'));
    expect(await ask(replica)).toBe('hi');
    const onKept = upstream.send(replica, request, new AbortController().signal);
    upstream.forget(replica.id);
    await expect(onKept).rejects.toMatchObject({ name: 'UpstreamError', wasSent: false });

    const onNew = upstream.send(replica, request, new AbortController().signal);
    upstream.forget(replica.id);
    await expect(onNew).rejects.toMatchObject({ name: 'UpstreamError', wasSent: false });
  });

  it('that is lost afterwards is not', async () => {
    const replica = await replicaOf((incoming) => incoming.socket.destroy());
    await expect(ask(replica)).rejects.toMatchObject({ name: 'UpstreamError', wasSent: true });
  });

  it('is not tried when there is nobody any more who asks', async () => {
    let requests = 0;
    const replica = await replicaOf(() => requests++);
    const reason = new Error('left');
    await expect(ask(replica, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(requests).toBe(0);
  });

  it('ends with its request, whose reason is passed on', async () => {
    const closed = Promise.withResolvers<undefined>();
    const replica = await replicaOf((incoming) => {
      incoming.socket.once('close', () => {
        closed.resolve(undefined);
      });
      leaving.abort(reason);
    });
    const leaving = new AbortController();
    const reason = new Error('left');
    await expect(ask(replica, leaving.signal)).rejects.toBe(reason);
    await closed.promise;
  });

  it('is closed when it was not used for its time', async () => {
    let open = 0;
    const replica = await replicaOf((incoming, response) => {
      open++;
      incoming.socket.once('close', () => open--);
      response.end('hi');
    });
    await ask(replica);
    await until(() => open === 0);
  });

  it('is not held by the answer of another Pod at the same address', async () => {
    const ports = new Set<number | undefined>();
    const replica = await replicaOf((incoming, response) => {
      ports.add(incoming.socket.remotePort);
      response.end('hi');
    });
    await ask(replica);
    await ask({ ...replica, id: 'uid-2' });
    expect(ports.size).toBe(2);
  });

  it('fails a head that is too large', async () => {
    const replica = await replicaOf((_incoming, response) => response.setHeader('x', 'x'.repeat(20_000)).end());
    await expect(ask(replica)).rejects.toMatchObject({ name: 'UpstreamError', wasSent: true });
  });

  it('fails a body in the middle when its Pod is gone', async () => {
    const replica = await replicaOf((_incoming, response) => response.write('half'));
    const answer = await upstream.send(replica, request, new AbortController().signal);
    if (answer.kind !== 'answer') {
      throw new Error('no answer');
    }
    await once(answer.body, 'data');
    upstream.forget(replica.id);
    await expect(text(answer.body)).rejects.toThrow();
  });
});
