import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import type { Clock } from '../../lib/clock.ts';
import { formatRecord, formatTime, LineCutter, type LogStream } from './log-record.ts';

/** The kubelet's containerLogMaxSize; one older file is kept beside the current one. */
const rotateAtBytes = 10 * 1024 * 1024;
/** What FallbackToLogsOnError may show: the kubelet's bounds. */
const tailBounds = { lines: 80, bytes: 2048 };

export interface ContainerLogOptions {
  readonly file: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly rotateAtBytes?: number;
}

/** The log file of one run of a container. Writers wait when the disk is slow; readers are woken when there is more. */
export class ContainerLog {
  readonly file: string;
  readonly #options: ContainerLogOptions;
  #stream: WriteStream;
  #bytes = 0;
  #tail: string[] = [];
  #wake = Promise.withResolvers<void>();
  #rotations = 0;
  #hasEnded = false;

  constructor(options: ContainerLogOptions) {
    this.file = options.file;
    this.#options = options;
    this.#stream = createWriteStream(options.file);
  }

  /** How often the file was replaced by a new one. */
  get rotations(): number {
    return this.#rotations;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The file before the current one, when there is one. */
  get olderFile(): string | undefined {
    return this.#rotations === 0 ? undefined : `${this.file}.1`;
  }

  /** Resolves when there is more to read, or the end was reached. */
  get changed(): Promise<void> {
    return this.#wake.promise;
  }

  /** The last lines, as the message of a container that failed without one of its own. */
  get tail(): string {
    return this.#tail.join('').slice(-tailBounds.bytes);
  }

  /** Writes what comes out of `source` until it ends. */
  async capture(source: AsyncIterable<Buffer>, stream: LogStream): Promise<void> {
    const cutter = new LineCutter();
    for await (const chunk of source) {
      await this.#append(stream, cutter.push(chunk));
    }
    await this.#append(stream, cutter.end());
  }

  /** Resolves when everything is on disk. */
  async end(): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
    this.#hasEnded = true;
    this.#notify();
  }

  async #append(stream: LogStream, lines: readonly { text: Buffer; isPartial: boolean }[]): Promise<void> {
    if (lines.length === 0) {
      return;
    }
    const time = formatTime(this.#options.clock.now());
    const data = Buffer.concat(lines.map((line) => formatRecord({ time, stream, ...line })));
    this.#remember(lines);
    await this.#write(data);
    this.#bytes += data.length;
    if (this.#bytes >= (this.#options.rotateAtBytes ?? rotateAtBytes)) {
      await this.#rotate();
    }
    this.#notify();
  }

  async #write(data: Buffer): Promise<void> {
    const stream = this.#stream;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stream.write(data, (error) => {
      if (error === null || error === undefined) {
        resolve();
      } else {
        reject(error);
      }
    });
    await promise;
  }

  /** Whoever reads the old file keeps it open, and finds by the count that a new one has begun. */
  async #rotate(): Promise<void> {
    const full = this.#stream;
    this.#bytes = 0;
    await rename(this.file, `${this.file}.1`);
    this.#stream = createWriteStream(this.file);
    this.#rotations += 1;
    full.end();
    await finished(full);
  }

  #remember(lines: readonly { text: Buffer; isPartial: boolean }[]): void {
    const texts = lines
      .slice(-tailBounds.lines)
      .map(({ text, isPartial }) => text.toString() + (isPartial ? '' : '\n'));
    this.#tail = [...this.#tail, ...texts].slice(-tailBounds.lines);
  }

  #notify(): void {
    const woken = this.#wake;
    this.#wake = Promise.withResolvers();
    woken.resolve();
  }
}

export async function removeLog(file: string): Promise<void> {
  await Promise.all([rm(file, { force: true }), rm(`${file}.1`, { force: true })]);
}
