import { createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import { FakeClock, settle } from '../../lib/testing/fake-clock.ts';
import { checkProbe, type Probe, type ProbeResult } from './probe-check.ts';
import { runProbe } from './prober.ts';

const success: ProbeResult = { kind: 'success' };
const failure: ProbeResult = { kind: 'failure', message: 'no' };

class Probed {
  readonly clock = new FakeClock();
  readonly verdicts: string[] = [];
  readonly checks: number[] = [];
  failures = 0;
  result = failure;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(probe: Probe, isEager: boolean) {
    const options = {
      probe,
      isEager,
      clock: this.clock,
      check: () => {
        this.checks.push(this.clock.monotonic());
        return Promise.resolve(this.result);
      },
      onVerdict: (isPassing: boolean) => this.verdicts.push(`${isPassing} at ${Math.round(this.clock.monotonic())}`),
      onFailure: () => (this.failures += 1),
    };
    this.#running = runProbe(options, this.#stop.signal).catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

describe('a probe', () => {
  it('that is eager looks at once and ever more rarely, until it passes', async () => {
    const probed = new Probed({ periodSeconds: 1 }, true);
    await probed.clock.advance(300);
    expect(probed.checks.map(Math.round)).toEqual([0, 20, 50, 95, 163, 264]);
    probed.result = success;
    await probed.clock.advance(2400);
    expect(probed.verdicts).toEqual(['true at 416']);
    expect(probed.checks.slice(6).map(Math.round)).toEqual([416, 1416, 2416]);
    await probed.stop();
  });

  it('that is eager spends one failure a period, as if it were not', async () => {
    const probed = new Probed({ periodSeconds: 1, failureThreshold: 3 }, true);
    await probed.clock.advance(6000);
    expect(probed.verdicts[0]).toMatch(/^false at (3|4)\d\d\d$/u);
    await probed.stop();
  });

  it('fails after its threshold in a row, and passes again after one success', async () => {
    const probed = new Probed({ periodSeconds: 10, failureThreshold: 3 }, false);
    probed.result = success;
    await probed.clock.advance(10_000);
    probed.result = failure;
    await probed.clock.advance(20_000);
    expect(probed.verdicts).toEqual(['true at 0']);
    await probed.clock.advance(10_000);
    probed.result = success;
    await probed.clock.advance(10_000);
    expect(probed.verdicts).toEqual(['true at 0', 'false at 40000', 'true at 50000']);
    expect(probed.failures).toBe(3);
    await probed.stop();
  });

  it('waits its initial delay', async () => {
    const probed = new Probed({ initialDelaySeconds: 7 }, false);
    await probed.clock.advance(6999);
    expect(probed.checks).toEqual([]);
    await probed.clock.advance(1);
    expect(probed.checks).toEqual([7000]);
    await probed.stop();
  });

  it('that cannot be made here changes nothing, and says so', async () => {
    const probed = new Probed({ periodSeconds: 1 }, true);
    probed.result = { kind: 'unknown', message: 'not here' };
    await probed.clock.advance(3000);
    expect(probed.verdicts).toEqual([]);
    expect(probed.failures).toBeGreaterThan(0);
    await probed.stop();
  });

  it('leaves no timer when it is stopped', async () => {
    const probed = new Probed({}, true);
    await settle();
    await probed.stop();
    expect(probed.clock.pending).toBe(0);
  });
});

describe('a check', () => {
  const container = (port: number): { name: string; ports: { name: string; containerPort: number }[] } => ({
    name: 'main',
    ports: [{ name: 'http', containerPort: port }],
  });

  it('of a socket passes when somebody listens, and fails in the words of a kubelet when nobody does', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const target = { probe: { tcpSocket: { port: 'http' } }, container: container(port) };
    expect(await checkProbe(target, systemClock)).toEqual(success);
    server.close();
    await once(server, 'close');
    const message = `dial tcp 127.0.0.1:${port}: connect: connection refused`;
    expect(await checkProbe(target, systemClock)).toEqual({ kind: 'failure', message });
  });

  it('over HTTP passes from 200 to 399, sends its headers, and gives up in time', async () => {
    const seen: string[] = [];
    const server = createHttpServer((request, response) => {
      seen.push(`${request.url ?? ''} ${String(request.headers['x-probe'])}`);
      if (request.url !== '/hang') {
        response.writeHead(Number(request.url?.slice(1)), { location: '/elsewhere' }).end();
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const clock = new FakeClock();
    const check = (path: string): Promise<ProbeResult> =>
      checkProbe(
        {
          probe: { httpGet: { path, port, httpHeaders: [{ name: 'X-Probe', value: 'yes' }] } },
          container: container(port),
        },
        clock,
      );
    expect(await check('/200')).toEqual(success);
    expect(await check('/302')).toEqual(success);
    expect(await check('/500')).toEqual({ kind: 'failure', message: 'HTTP probe failed with statuscode: 500' });
    expect(seen[0]).toBe('/200 yes');
    const hanging = check('/hang');
    await once(server, 'request');
    await clock.advance(1000);
    expect(await hanging).toMatchObject({
      kind: 'failure',
      message: expect.stringContaining('deadline exceeded') as string,
    });
    expect(clock.pending).toBe(0);
    server.closeAllConnections();
    server.close();
  });

  it('by exec is not known here', async () => {
    const result = await checkProbe({ probe: { exec: { command: ['true'] } }, container: container(1) }, systemClock);
    expect(result.kind).toBe('unknown');
  });
});
