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

/**
 * The port itself when it is free, or a free one for 0. Another process may still take it before it is used; whoever
 * listens there then says so.
 * @throws PortBusyError
 */
export async function reservePort(port: number, flag: string, what: string): Promise<number> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      throw new PortBusyError(port, flag, what);
    }
    throw error;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : port;
}
