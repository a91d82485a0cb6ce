import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A client that says exactly what it is told, and reads only when it is asked to. */
export class RawConnection implements AsyncDisposable {
  readonly socket: Socket;
  /** Both ways, cleanly or by a reset. */
  readonly closed: Promise<unknown>;
  #text = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    // How the server ends a connection is what some tests are about; none wants an exception for it.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  send(...lines: string[]): void {
    this.socket.write(lines.join('\r\n'));
  }

  /** Reads until `pattern` is in what came so far, and returns all of it. @throws Error when the connection ends before */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text)) {
      const chunk = (this.socket.read() as Buffer | null)?.toString();
      if (chunk !== undefined) {
        this.#text += chunk;
      } else if (this.socket.readableEnded || this.socket.destroyed) {
        throw new Error(`the connection ended after: ${this.#text}`);
      } else {
        await Promise.race([new Promise((resolve) => this.socket.once('readable', resolve)), this.closed]);
      }
    }
    return this.#text;
  }

  /** Everything until the server ends the connection. */
  async rest(): Promise<string> {
    this.socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString();
    });
    await this.closed;
    return this.#text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}
