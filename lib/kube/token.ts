import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import type { Connection } from './connection.ts';

/** A projected token is valid for an hour and replaced well before; kubelet and client-go use the same minute. */
const rereadMs = 60_000;

/** The bearer token of a connection, read again every minute and whenever the server refused it. */
export class TokenSource {
  readonly #connection: Connection;
  readonly #clock: Clock;
  #token: string | undefined;
  #readAt = -Infinity;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** True where a new read may bring a new token. */
  get rotates(): boolean {
    return this.#connection.tokenFile !== undefined;
  }

  async get(): Promise<string | undefined> {
    const file = this.#connection.tokenFile;
    if (file === undefined) {
      return this.#connection.token;
    }
    if (this.#clock.monotonic() - this.#readAt >= rereadMs) {
      this.#token = await this.#read(file);
      this.#readAt = this.#clock.monotonic();
    }
    return this.#token;
  }

  /** In the moment in which the kubelet puts a new one in its place there may be none: the one before is still valid. */
  async #read(file: string): Promise<string> {
    try {
      return (await readFile(file, 'utf8')).trim();
    } catch (error) {
      if (this.#token === undefined) {
        throw error;
      }
      return this.#token;
    }
  }

  /** The server answered 401. */
  expire(): void {
    this.#readAt = -Infinity;
  }
}
