import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PortBusyError, PortDeniedError, reservePort } from './ports.ts';

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

  // Root may, and so may everybody where the system says so.
  it('that needs more rights than there are is refused with a higher one', async ({ skip }) => {
    const attempt = reservePort(1, '--port', 'functions');
    const error: unknown = await attempt.catch((reason: unknown) => reason);
    skip(typeof error === 'number');
    expect(error).toBeInstanceOf(PortDeniedError);
    expect(String(error)).toContain('port 1 for functions may not be used');
    expect(String(error)).toContain('--port 8001');
  });
});
