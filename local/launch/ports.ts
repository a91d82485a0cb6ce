import { once } from 'node:events';
import { createServer } from 'node:net';

/** Thrown when a port that the user asked for, or the default one, is taken. */
export class PortBusyError extends Error {
  override readonly name = 'PortBusyError';
  readonly port: number;
  readonly flag: string;

  constructor(port: number, flag: string, what: string) {
    super(
      `port ${port} for ${what} is busy: another program listens there.\n` +
        `Choose another with ${flag}, for example: npm start -- ${flag} ${port + 1}   (${flag} 0 takes a free one)`,
    );
    this.port = port;
    this.flag = flag;
  }
}

/** Thrown for a port that needs more rights than this user has. */
export class PortDeniedError extends Error {
  override readonly name = 'PortDeniedError';
  readonly port: number;

  constructor(port: number, flag: string, what: string) {
    super(
      `port ${port} for ${what} may not be used: on this machine ports below 1024 need more rights than this user has.\n` +
        `Choose a higher one with ${flag}, for example: npm start -- ${flag} ${port + 8000}`,
    );
    this.port = port;
  }
}

/**
 * The port itself when it is free, or a free one for 0. Another process may still take it before it is used; whoever
 * listens there then says so.
 * @throws PortBusyError, PortDeniedError
 */
export async function reservePort(port: number, flag: string, what: string): Promise<number> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new PortBusyError(port, flag, what);
    }
    throw code === 'EACCES' ? new PortDeniedError(port, flag, what) : error;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : port;
}
