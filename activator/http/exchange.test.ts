import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Exchange } from './exchange.ts';
import { Bench, type RawClient } from './testing/front.ts';

const bench = new Bench();
afterEach(() => bench.close());

async function halfAnswered(version: string): Promise<{ exchange: Exchange; client: RawClient }> {
  const server = createServer();
  const client = await bench.connect(await bench.listen(server));
  client.send(`GET / HTTP/${version}\r\nHost: hello.shop\r\n\r\n`);
  const [request, response] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  response.write('half');
  await client.until('half');
  return { exchange: new Exchange({ request, response, arrivedAt: 0 }), client };
}

/** Node ends a connection in the turn of the tick queue after the one that was asked to. */
async function shutdownBegun(): Promise<void> {
  for (const _turn of [1, 2]) {
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
  }
}

describe('an exchange that is cut', () => {
  for (const version of ['1.0', '1.1']) {
    it(`is over, also when its connection is ending already (HTTP/${version})`, async () => {
      const { exchange, client } = await halfAnswered(version);
      const { socket } = exchange.request;
      socket.end();
      await shutdownBegun();
      exchange.cut();
      await exchange.closed;
      await client.closed;
      expect(exchange.isAbandoned).toBe(false);
    });

    it(`does not end as an answer does (HTTP/${version})`, async () => {
      const { exchange, client } = await halfAnswered(version);
      const error = new Promise<unknown>((resolve) => client.socket.once('error', resolve));
      exchange.cut();
      await client.closed;
      if (version === '1.0') {
        expect(await error).toMatchObject({ code: 'ECONNRESET' });
      } else {
        expect(client.text).not.toContain('0\r\n\r\n');
      }
    });
  }
});
