import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A client that says exactly what it is told, and reads only when it is asked to. */
export class RawConnection implements AsyncDisposable {
  readonly socket: Socket;
  #text = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    // How the server ends a connection is what some tests are about; none wants an exception for it.
    socket.on('error', () => undefined);
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
        await Promise.race([once(this.socket, 'readable'), once(this.socket, 'close')]);
      }
    }
    return this.#text;
  }

  /** Everything until the server ends the connection. */
  async rest(): Promise<string> {
    this.socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString();
    });
    if (!this.socket.closed) {
      await once(this.socket, 'close');
    }
    return this.#text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    if (!this.socket.closed) {
      await once(this.socket, 'close');
    }
  }
}
