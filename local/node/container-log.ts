import { closeSync, openSync, renameSync, write } from 'node:fs';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Clock } from '../../lib/clock.ts';
import { ChangeSignal } from './change-signal.ts';
import { formatRecord, formatTime, LineCutter, type LogStream } from './log-record.ts';

const writeTo = promisify(write);

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
  #fd: number;
  /** Writes of both streams, one after another. */
  #written: Promise<void> = Promise.resolve();
  #bytes = 0;
  #tail: string[] = [];
  readonly #change = new ChangeSignal();
  #rotations = 0;
  #hasEnded = false;

  constructor(options: ContainerLogOptions) {
    this.file = options.file;
    this.#options = options;
    // Synchronous, as rotation is: a reader finds the file whenever it looks.
    this.#fd = openSync(options.file, 'w');
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
    return this.#change.next;
  }

  /** The last lines, as the message of a container that failed without one of its own. */
  get tail(): string {
    return this.#tail.join('').slice(-tailBounds.bytes);
  }

  /** Writes what comes out of `source` until it ends, or is closed because nobody waits for its end any more. */
  async capture(source: AsyncIterable<Buffer>, stream: LogStream): Promise<void> {
    const cutter = new LineCutter();
    try {
      for await (const chunk of source) {
        await this.#append(stream, cutter.push(chunk));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') {
        throw error;
      }
    }
    await this.#append(stream, cutter.end());
  }

  /** Resolves when everything is written. */
  async end(): Promise<void> {
    try {
      await this.#written;
    } finally {
      this.#hasEnded = true;
      closeSync(this.#fd);
      this.#change.notify();
    }
  }

  async #append(stream: LogStream, lines: readonly { text: Buffer; isPartial: boolean }[]): Promise<void> {
    if (lines.length === 0) {
      return;
    }
    const time = formatTime(this.#options.clock.now());
    const data = Buffer.concat(lines.map((line) => formatRecord({ time, stream, ...line })));
    this.#remember(lines);
    this.#written = this.#written.then(() => this.#write(data));
    await this.#written;
  }

  async #write(data: Buffer): Promise<void> {
    for (let offset = 0; offset < data.length;) {
      const { bytesWritten } = await writeTo(this.#fd, data, offset);
      offset += bytesWritten;
    }
    this.#bytes += data.length;
    if (this.#bytes >= (this.#options.rotateAtBytes ?? rotateAtBytes)) {
      this.#rotate();
    }
    this.#change.notify();
  }

  /** Whoever reads the old file keeps it open, and finds by the count that a new one has begun. */
  #rotate(): void {
    closeSync(this.#fd);
    renameSync(this.file, `${this.file}.1`);
    this.#fd = openSync(this.file, 'w');
    this.#bytes = 0;
    this.#rotations += 1;
  }

  #remember(lines: readonly { text: Buffer; isPartial: boolean }[]): void {
    const texts = lines
      .slice(-tailBounds.lines)
      .map(({ text, isPartial }) => text.toString() + (isPartial ? '' : '\n'));
    this.#tail = [...this.#tail, ...texts].slice(-tailBounds.lines);
  }
}

export async function removeLog(file: string): Promise<void> {
  await Promise.all([rm(file, { force: true }), rm(`${file}.1`, { force: true })]);
}
