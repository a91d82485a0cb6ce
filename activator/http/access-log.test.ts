import { afterEach, describe, expect, it } from 'vitest';
import { Bench, respond, until } from './testing/front.ts';

const bench = new Bench();
afterEach(() => bench.close());

describe('the line of a request', () => {
  it('says who asked for what, who answered, and how long it took', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send('POST /a?b=c HTTP/1.1\r\nHost: hello.shop:81\r\nX-Request-Id: mine-1\r\nContent-Length: 3\r\n\r\nabc');
    await until(() => front.capacity.requests.length === 1);
    await front.clock.advance(25);
    front.capacity.add(await bench.replica(respond('served')), 'uid-1');
    await client.until('served');
    await until(() => front.log.length === 1);
    expect(front.log).toEqual([
      {
        method: 'POST',
        host: 'hello.shop:81',
        path: '/a?b=c',
        status: 200,
        namespace: 'shop',
        function: 'hello',
        revision: 'hello-1',
        replica: 'uid-1',
        cold: false,
        durationMs: 25,
        requestBytes: 3,
        responseBytes: 6,
        requestId: 'mine-1',
      },
    ]);
  });

  it('of an answer of the platform has its code and nothing that is not known', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    await client.send('GET / HTTP/1.1\r\nHost: nobody.shop\r\n\r\n').until('}');
    await until(() => front.log.length === 1);
    expect(front.log[0]).toMatchObject({ status: 404, code: 'FunctionNotFound', cold: false });
    expect(front.log[0]).not.toHaveProperty('revision');
    expect(front.log[0]).not.toHaveProperty('namespace');
  });

  it('does not grow with the path', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    await client.send(`GET /${'x'.repeat(5000)} HTTP/1.1\r\nHost: nobody.shop\r\n\r\n`).until('}');
    await until(() => front.log.length === 1);
    expect(front.log[0]?.['path']).toHaveLength(1024);
  });

  const ids = [
    { name: 'keeps what looks like one', sent: 'abc-123:4/5', keeps: true },
    { name: 'replaces what is too long', sent: 'x'.repeat(129), keeps: false },
    { name: 'replaces what could break a line', sent: 'a b"c', keeps: false },
  ];
  for (const { name, sent, keeps } of ids) {
    it(`${name}, of request ids`, async () => {
      const front = await bench.front();
      const client = await bench.connect(front.port);
      await client.send(`GET / HTTP/1.1\r\nHost: nobody.shop\r\nX-Request-Id: ${sent}\r\n\r\n`).until('}');
      await until(() => front.log.length === 1);
      expect(front.log[0]?.['requestId'] === sent).toBe(keeps);
    });
  }
});
