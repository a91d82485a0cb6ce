import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { dump } from 'js-yaml';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { openConnection } from './connect.ts';
import type { Connection } from './connection.ts';
import { createClient } from './http-client.ts';
import { configMaps } from './resources.ts';

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

interface Entries {
  readonly cluster: object;
  readonly user?: object;
}

async function read({ cluster, user = {} }: Entries): Promise<Connection> {
  const folder = await mkdtemp(join(tmpdir(), 'flint-kubeconfig-'));
  folders.push(folder);
  const file = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
  };
  await writeFile(file, dump(config));
  return openConnection({ kind: 'kubeconfig', file });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

it('a kubeconfig says where the server is, whom to trust, and who we are', async () => {
  const cluster = { server: 'https://10.0.0.1:6443', 'certificate-authority-data': base64('authority') };
  expect(await read({ cluster, user: { token: 'secret' } })).toEqual({
    url: 'https://10.0.0.1:6443',
    ca: 'authority',
    token: 'secret',
  });
  const user = { 'client-certificate-data': base64('certificate'), 'client-key-data': base64('key') };
  expect(await read({ cluster, user })).toMatchObject({ certificate: { cert: 'certificate', key: 'key' } });
});

it('a server behind a tunnel is asked for by the name that its certificate has', async () => {
  const names: string[] = [];
  const server = createServer({
    SNICallback: (name, answer) => {
      names.push(name);
      answer(new Error('this server has no certificate'));
    },
  });
  // Each attempt ends in the middle of its handshake.
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connection = await read({ cluster: { server: `https://127.0.0.1:${port}`, 'tls-server-name': 'kubernetes' } });
  const client = createClient({ connection, clock: systemClock, random: () => 0, userAgent: 'flint-test' });
  await expect(client.get(configMaps, { namespace: 'a', name: 'm' })).rejects.toThrow();
  expect(new Set(names)).toEqual(new Set(['kubernetes']));
  await client.close();
  server.close();
});
