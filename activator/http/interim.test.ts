import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, until } from './testing/front.ts';

const bench = new Bench();
afterEach(() => bench.close());

const ask = (version = '1.1'): string => `GET / HTTP/${version}\r\nHost: hello.shop\r\nConnection: close\r\n\r\n`;

describe('an interim answer', () => {
  it('reaches the client before the answer, each one, without what is for the connection only', async () => {
    const { promise: mayAnswer, resolve: letAnswer } = Promise.withResolvers<undefined>();
    const front = await bench.frontOf((_request, response) => {
      response.writeInformation(103, { Link: '</a.css>; rel=preload', Connection: 'x-hop', 'X-Hop': '1' });
      response.writeInformation(102);
      void mayAnswer.then(() => response.end('answer'));
    });
    const client = (await bench.connect(front.port)).send(ask());
    const early = await client.until('HTTP/1.1 102');
    expect(early).toBe(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n'.slice(
        0,
        early.length,
      ),
    );
    letAnswer(undefined);
    await client.closed;
    expect(client.text).toMatch(/\r\n\r\nHTTP\/1\.1 200 OK[^]*answer/u);
    expect(client.text).not.toMatch(/x-hop/iu);
  });

  it('is kept from HTTP/1.0, which has none', async () => {
    const front = await bench.frontOf((_request, response) => {
      response.writeInformation(103, { Link: '</a.css>' });
      response.end('answer');
    });
    const client = (await bench.connect(front.port)).send(ask('1.0'));
    await client.closed;
    expect(client.text).toMatch(/^HTTP\/1\.1 200/u);
  });

  it('100 is not passed on: only the activator knows whether its client waits for that', async () => {
    const front = await bench.frontOf((_request, response) => {
      response.writeContinue();
      response.end('answer');
    });
    const client = (await bench.connect(front.port)).send(ask());
    await client.closed;
    expect(client.text).toMatch(/^HTTP\/1\.1 200/u);
  });

  it('I9: is dropped for a client that does not read', async () => {
    const megabytes = 100;
    const hint = `HTTP/1.1 103 Early Hints\r\nLink: <${'x'.repeat(8000)}>\r\n\r\n`.repeat(128);
    const front = await bench.front();
    let most = 0;
    let isSent = false;
    front.capacity.add(
      await bench.rawReplica((socket) => {
        void (async () => {
          await once(socket, 'data');
          for (let sent = 0; sent < megabytes; sent++) {
            if (!socket.write(hint)) {
              await once(socket, 'drain');
            }
            for (const { response } of front.ledger.inFlight) {
              most = Math.max(most, response.socket?.writableLength ?? 0);
            }
          }
          isSent = true;
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer');
        })();
      }),
    );
    const client = await bench.connect(front.port);
    client.socket.pause();
    client.send(ask());
    await until(() => isSent, 'the replica has sent all');
    expect(most).toBeLessThan(1024 * 1024);
    client.socket.resume();
    await client.closed;
    expect(client.text).toMatch(/HTTP\/1\.1 200 OK[^]*answer$/u);
  });
});
