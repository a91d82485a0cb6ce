import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PortBusyError, reservePort } from './ports.ts';

describe('a port', () => {
  it('of 0 becomes a free one, another one each time it is taken', async () => {
    const first = await reservePort(0, '--port', 'functions');
    const server = createServer().listen(first, '127.0.0.1');
    await once(server, 'listening');
    expect(await reservePort(0, '--port', 'functions')).not.toBe(first);
    server.close();
  });

  it('that is free stays free for whoever takes it next', async () => {
    const port = await reservePort(0, '--port', 'functions');
    expect(await reservePort(port, '--port', 'functions')).toBe(port);
  });

  it('that is busy is refused with its number, its use and the flag that changes it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const attempt = reservePort(port, '--api-port', 'the Kubernetes API');
    await expect(attempt).rejects.toThrow(PortBusyError);
    await expect(attempt).rejects.toThrow(`port ${port} for the Kubernetes API is busy`);
    await expect(attempt).rejects.toThrow(`--api-port ${port + 1}`);
    server.close();
  });
});
