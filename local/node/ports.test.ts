import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Pod } from '../../lib/kube/objects.ts';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { seededRandom } from '../../lib/testing/seeded-random.ts';
import { aPod, aPodSpec } from '../controllers/testing/builders.ts';
import { PortTable } from './ports.ts';

function aServer(): Pod {
  return aPod(
    'server',
    aPodSpec({
      ports: [{ name: 'http', containerPort: 8080 }, { containerPort: 9090 }],
      env: [
        { name: 'PORT', value: '8080' },
        { name: 'LIMIT', value: '8080' },
      ],
      readinessProbe: { httpGet: { port: 'http', path: '/' } },
      livenessProbe: { tcpSocket: { port: 9090 } },
    }),
  );
}

function portsOf(pod: Pod): number[] {
  return pod.spec.containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
}

describe('the ports of a pod', () => {
  it('are free ones, also in PORT and in probes by number, and nowhere else', () => {
    const table = new PortTable({ clock: new FakeClock(), random: seededRandom(1) });
    const admitted = table.admit(aServer());
    const [http = 0, other = 0] = portsOf(admitted);
    expect(http).toBeGreaterThanOrEqual(20_000);
    expect(other).not.toBe(http);
    expect(admitted.spec.containers[0]).toMatchObject({
      env: [
        { name: 'PORT', value: String(http) },
        { name: 'LIMIT', value: '8080' },
      ],
      readinessProbe: { httpGet: { port: 'http' } },
      livenessProbe: { tcpSocket: { port: other } },
    });
  });

  it('are those of the machine where the pod names them', () => {
    const table = new PortTable({ clock: new FakeClock(), random: seededRandom(1) });
    const ports = [{ containerPort: 8080, hostPort: 8081 }, { containerPort: 9090 }];
    const [named, chosen = 0] = portsOf(table.admit(aPod('server', aPodSpec({ ports }))));
    expect(named).toBe(8081);
    expect(chosen).toBeGreaterThanOrEqual(20_000);
  });

  it('are left alone when there are none', () => {
    const table = new PortTable({ clock: new FakeClock(), random: seededRandom(1) });
    expect(table.admit(aPod('p'))).toEqual(aPod('p'));
  });

  it('are never given twice', () => {
    const table = new PortTable({ clock: new FakeClock(), random: () => 0, isFree: () => true });
    const all = Array.from({ length: 50 }, () => portsOf(table.admit(aServer()))).flat();
    expect(new Set(all).size).toBe(100);
  });

  it('come back when the pod is gone, or was never seen', async () => {
    const clock = new FakeClock();
    const table = new PortTable({ clock, random: () => 0, isFree: (port) => port < 20_002 });
    const first = table.admit(aServer());
    expect(() => table.admit(aServer())).toThrow('no port is free');
    await clock.advance(60_000);
    const second = table.admit(aServer());
    table.hold(second);
    await clock.advance(60_000);
    expect(() => table.admit(aServer())).toThrow('no port is free');
    table.release(second);
    expect(portsOf(table.admit(aServer()))).toEqual(portsOf(first));
  });

  it('are not those that somebody else listens on', async () => {
    const server = createServer().listen(20_000, '127.0.0.1');
    await once(server, 'listening');
    const table = new PortTable({ clock: new FakeClock(), random: () => 0 });
    expect(portsOf(table.admit(aServer()))).not.toContain(20_000);
    server.close();
  });
});
