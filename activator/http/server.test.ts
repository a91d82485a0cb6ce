import { existsSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { Bench, respond, until } from './testing/front.ts';

const bench = new Bench();
afterEach(() => bench.close());

const get = 'GET / HTTP/1.1\r\nHost: hello.shop\r\n\r\n';

describe('what is no proper request', () => {
  const cases = [
    { name: 'no HTTP', text: 'hello\r\n\r\n', want: ['400 Bad Request', 'BadRequest'] },
    { name: 'no Host', text: 'GET / HTTP/1.1\r\n\r\n', want: ['400 Bad Request', 'has no Host'] },
    {
      name: 'two Hosts',
      text: 'GET / HTTP/1.1\r\nHost: a.b\r\nHost: c.d\r\n\r\n',
      want: ['400', 'more than one Host'],
    },
    { name: 'an impossible Host', text: 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', want: ['400', 'not a host'] },
    {
      name: 'two lengths',
      text: 'POST / HTTP/1.1\r\nHost: a.b\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      want: ['400', 'BadRequest'],
    },
    {
      name: 'a length beside chunks',
      text: 'POST / HTTP/1.1\r\nHost: a.b\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      want: ['400', 'BadRequest'],
    },
    { name: 'a folded header', text: 'GET / HTTP/1.1\r\nHost: a.b\r\nX: 1\r\n 2\r\n\r\n', want: ['400', 'BadRequest'] },
    { name: 'HTTP/2', text: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', want: ['400', 'BadRequest'] },
    { name: 'CONNECT', text: 'CONNECT a.b:80 HTTP/1.1\r\nHost: a.b:80\r\n\r\n', want: ['400', 'CONNECT'] },
    {
      name: 'an expectation',
      text: 'GET / HTTP/1.1\r\nHost: a.b\r\nExpect: miracles\r\n\r\n',
      want: ['400', '100-continue'],
    },
    {
      name: 'headers without end',
      text: `GET / HTTP/1.1\r\nHost: hello.shop\r\nX: ${'x'.repeat(40_000)}`,
      want: ['431 Request Header Fields Too Large', 'HeadersTooLarge'],
    },
  ];
  for (const { name, text, want } of cases) {
    it(`(${name}) is refused as a problem, and the connection closed`, async () => {
      const front = await bench.front();
      const client = await bench.connect(front.port);
      const answer = await client.send(text).until('}');
      for (const part of want) {
        expect(answer).toContain(part);
      }
      expect(answer).toContain('application/problem+json');
      expect(answer).toContain('flint-error: ');
      client.socket.end();
      await client.closed;
      await until(() => front.ledger.inFlight.size === 0);
      expect(front.ledger.unaccounted).toBe(0);
    });
  }

  it('in the body of a request is the answer to that request', async () => {
    const front = await bench.frontOf((request) => request.on('error', () => undefined).resume());
    const client = await bench.connect(front.port);
    client.send('POST / HTTP/1.1\r\nHost: hello.shop\r\nTransfer-Encoding: chunked\r\n\r\n');
    await until(() => front.capacity.held === 1);
    client.send('not a length\r\n');
    expect(await client.until('}')).toContain('400 Bad Request');
    await until(() => front.capacity.held === 0);
    expect(front.ledger.counts).toMatchObject({ accepted: 1, answered: 1 });
  });

  it('behind a good request does not hurt that one', async () => {
    let answer: ServerResponse | undefined;
    const front = await bench.frontOf((_request, response) => {
      answer = response;
    });
    const client = await bench.connect(front.port);
    client.send(`${get}garbage\r\n\r\n`);
    await until(() => answer !== undefined);
    answer?.end('fine');
    await client.closed;
    expect(client.text).toMatch(/^HTTP\/1.1 200 OK.*fine$/su);
  });

  it('is told nothing when it leaves in the middle of its head', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send('GET / HTTP/1.1\r\nHo').socket.end();
    await client.closed;
    expect(client.text).toBe('');
    expect(front.malformed).toEqual([]);
  });
});

describe('requests that do not wait for each other', () => {
  it('are answered in their order', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send(`${get.replace('/', '/one')}${get.replace('/', '/two')}`);
    await until(() => front.capacity.requests.length === 2);
    let first: ServerResponse | undefined;
    front.capacity.add(
      await bench.replica((request, response) => {
        if (request.url === '/one') {
          first = response;
        } else {
          response.end('second', () => first?.end('first'));
        }
      }),
    );
    expect(await client.until('second')).toMatch(/first.*second/su);
    expect(front.ledger.unaccounted).toBe(0);
  });

  it('are answered up to the first that breaks off, with which their connection is closed', async () => {
    const answers: ServerResponse[] = [];
    const front = await bench.frontOf(
      (_request, response) => {
        answers.push(response);
      },
      { timeouts: { idleMs: 1000 } },
    );
    const client = await bench.connect(front.port);
    client.send(get.repeat(2));
    await until(() => answers.length === 2);
    answers[1]?.write('half');
    await until(() => [...front.ledger.inFlight].some(({ responseBytes }) => responseBytes > 0));
    await front.clock.advance(1000);
    await until(() => front.ledger.inFlight.size === 1);
    answers[0]?.end('whole');
    await client.closed;
    expect(client.text).toMatch(/^HTTP\/1.1 200 OK\r\n.*whole$/su);
    expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { answered: 2 } });
  });

  const connect = 'CONNECT a.b:80 HTTP/1.1\r\nHost: a.b:80\r\n\r\n';

  it('are answered before a CONNECT behind them is refused, however long they are', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send(get.repeat(2) + connect);
    await until(() => front.capacity.requests.length === 2);
    client.socket.pause();
    front.capacity.add(await bench.replica(respond('x'.repeat(2_000_000))));
    await until(() => [...front.ledger.inFlight].every(({ response }) => response.headersSent));
    client.socket.resume();
    await client.until('CONNECT is not supported');
    const [, first = '', second = '', third = ''] = client.text.split('HTTP/1.1 ');
    expect(first).toMatch(/^200 OK\r\n.*\r\n\r\nx{2000000}$/su);
    expect(second).toMatch(/^200 OK\r\n.*\r\n\r\nx{2000000}$/su);
    expect(third).toMatch(/^400 Bad Request\r\n/u);
    client.socket.end();
    await client.closed;
    expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { answered: 2, inFlight: 0 } });
  });

  for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
    it(`I6: are given up when their client leaves behind a CONNECT (${leave})`, async () => {
      const front = await bench.front();
      const client = await bench.connect(front.port);
      client.send(get.repeat(2) + connect);
      await until(() => front.capacity.requests.length === 2);
      client.socket[leave]();
      await until(() => front.ledger.inFlight.size === 0);
      expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { abandoned: 2 } });
    });
  }

  it('I6: are all given up when their client leaves', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send(get.repeat(20));
    await until(() => front.capacity.requests.length === 20);
    client.socket.destroy();
    await until(() => front.ledger.inFlight.size === 0);
    expect(front.ledger).toMatchObject({ unaccounted: 0, counts: { accepted: 20, abandoned: 20 } });
  });
});

/** Node does not tell; Linux says which timer runs on a connection, 02 is the keepalive's, and how long still. */
const tcpTable = '/proc/net/tcp';

describe('a client that says nothing', () => {
  it.skipIf(!existsSync(tcpTable))('is asked within a minute whether it is still there', async () => {
    const front = await bench.front();
    const client = await bench.connect(front.port);
    client.send(get);
    await until(() => front.capacity.requests.length === 1);
    const hex = (port = 0): string => port.toString(16).toUpperCase().padStart(4, '0');
    const [, hundredths = ''] =
      new RegExp(`:${hex(front.port)} [0-9A-F]+:${hex(client.socket.localPort)} \\S+ \\S+ 02:(\\S+)`, 'u').exec(
        readFileSync(tcpTable, 'utf8'),
      ) ?? [];
    expect(parseInt(hundredths, 16)).toBeLessThan(6000);
  });
});

describe('the target of a request', () => {
  it('is the authority of an absolute URL, whatever Host says', async () => {
    const front = await bench.frontOf((request, response) => {
      response.end(`${request.headers.host ?? ''} ${request.url ?? ''}`);
    });
    const client = await bench.connect(front.port);
    client.send('GET http://hello.shop:80/a?b HTTP/1.1\r\nHost: nobody.shop\r\n\r\n');
    expect(await client.until('hello.shop:80 /a?b')).toContain('200 OK');
  });
});

describe('headers', () => {
  it('arrive in any number, both ways, as long as they are not too large', async () => {
    const replica = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
      for (let count = 0; count < 2500; count++) {
        response.setHeader(`b${count}`, '');
      }
      response.end(`got ${request.rawHeaders.filter((name) => /^a[0-9]+$/u.test(name)).length}`);
    });
    replica.maxHeadersCount = 0;
    const front = await bench.front({ maxHeaderBytes: 65_536 });
    front.capacity.add(await bench.listen(replica));
    const many = Array.from({ length: 2500 }, (_, count) => `a${count}:\r\n`).join('');
    const client = await bench.connect(front.port);
    client.send(`GET / HTTP/1.1\r\nHost: hello.shop\r\n${many}\r\n`);
    const answer = await client.until('\r\n\r\ngot 2500');
    expect(answer.match(/^b[0-9]+:/gmu)).toHaveLength(2500);
  });
});

describe('the bound of requests in flight', () => {
  it('is answered 503 Overloaded beyond, and only beyond', async () => {
    const front = await bench.front({ maxInFlight: 2 });
    const waiting = [await bench.connect(front.port), await bench.connect(front.port)];
    for (const client of waiting) {
      client.send(get);
    }
    await until(() => front.capacity.requests.length === 2);
    const third = await bench.connect(front.port);
    const answer = await third.send(get).until('}');
    expect(answer).toContain('503 Service Unavailable');
    expect(answer).toContain('flint-error: Overloaded');
    expect(answer).toContain('Retry-After: 1');
    front.capacity.add(await bench.replica(respond('served')));
    for (const client of waiting) {
      expect(await client.until('served')).toContain('200 OK');
    }
    third.text = '';
    expect(await third.send(get).until('served')).toContain('200 OK');
  });
});

describe('a drain', () => {
  it('calls itself not ready, goes on accepting for its lame-duck time, and sends clients away', async () => {
    const front = await bench.frontOf(respond('served'), { drain: { lameDuckMs: 5000, drainMs: 30_000 } });
    expect(front.server.isReady).toBe(true);
    const kept = await bench.connect(front.port);
    expect(await kept.send(get).until('served')).toContain('keep-alive');
    front.signalStop();
    await until(() => !front.server.isReady);
    const client = await bench.connect(front.port);
    expect(await client.send(get).until('served')).toContain('Connection: close');
    await client.closed;
    await front.clock.advance(5000);
    await front.stopped;
    await kept.closed;
    await expect(bench.connect(front.port)).rejects.toThrow();
  });

  it('waits for what runs and for what waits, and ends with it', async () => {
    const front = await bench.front({ drain: { drainMs: 30_000 } });
    const client = await bench.connect(front.port);
    client.send(get);
    await until(() => front.capacity.requests.length === 1);
    front.signalStop();
    await front.clock.advance(10_000);
    front.capacity.add(await bench.replica(respond('served')));
    expect(await client.until('served')).toContain('Connection: close');
    await front.stopped;
    expect(front.ledger.counts).toEqual({ accepted: 1, answered: 1, abandoned: 0, inFlight: 0 });
  });

  it('tells who has no answer when the time is up, and cuts off who has half of one', async () => {
    const front = await bench.front({ drain: { drainMs: 30_000 } });
    const waiting = await bench.connect(front.port);
    waiting.send(get);
    await until(() => front.capacity.requests.length === 1);
    const [waitingRequest] = front.ledger.inFlight;
    front.capacity.error = undefined;
    const streaming = await bench.connect(front.port);
    const replica = await bench.replica((_request, response) => response.write('half'));
    front.capacity.add(replica);
    await waiting.until('half');
    front.capacity.replicas.pop();
    streaming.send(get);
    await until(() => front.capacity.requests.length === 2);
    front.signalStop();
    await front.clock.advance(30_000);
    expect(await streaming.until('}')).toMatch(/503 Service Unavailable.*ShuttingDown/su);
    expect(streaming.text).toContain('Retry-After: 1');
    await waiting.closed;
    await front.clock.advance(1000);
    await front.stopped;
    expect(waitingRequest?.code).toBe('ShuttingDown');
    expect(front.ledger.counts).toEqual({ accepted: 2, answered: 2, abandoned: 0, inFlight: 0 });
    expect(front.ledger.unaccounted).toBe(0);
    expect(front.capacity.held).toBe(0);
  });
});
