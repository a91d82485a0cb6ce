import { type FileHandle, open } from 'node:fs/promises';
import type { ContainerLog } from './container-log.ts';
import { type LogRecord, parseRecord } from './log-record.ts';

export interface ReadOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  /** Records before this moment are left out; milliseconds since the epoch. */
  readonly sinceMs?: number;
  readonly limitBytes?: number;
}

const blockBytes = 64 * 1024;
const newline = 0x0a;

/** The lines of a log as `kubectl logs` shows them; with `follow` until the container ends. */
export async function* readLog(
  log: ContainerLog,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let left = options.limitBytes ?? Infinity;
  for await (const line of readLines(log, options, signal)) {
    const record = parseRecord(line);
    if (record === undefined || (options.sinceMs !== undefined && Date.parse(record.time) < options.sinceMs)) {
      continue;
    }
    const shown = format(record, options.timestamps).subarray(0, left);
    left -= shown.length;
    yield shown;
    if (left <= 0) {
      return;
    }
  }
}

function format({ time, text, isPartial }: LogRecord, timestamps: boolean): Buffer {
  return Buffer.concat([
    ...(timestamps ? [Buffer.from(`${time} `)] : []),
    text,
    ...(isPartial ? [] : [Buffer.of(newline)]),
  ]);
}

async function* readLines(log: ContainerLog, options: ReadOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
  const older = log.olderFile;
  const wanted = options.tailLines;
  const inCurrent = wanted === undefined ? undefined : await findTail(log.file, wanted);
  if (older !== undefined && (inCurrent === undefined || inCurrent.missing > 0)) {
    const start = inCurrent === undefined ? 0 : (await findTail(older, inCurrent.missing)).offset;
    yield* readFileFrom(older, start);
  }
  yield* followFile(log, inCurrent?.offset ?? 0, { follow: options.follow, signal });
}

async function* readFileFrom(file: string, start: number): AsyncGenerator<Buffer> {
  const handle = await open(file);
  try {
    yield* new LineReader(handle, start).available();
  } finally {
    await handle.close();
  }
}

interface FollowOptions {
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

async function* followFile(log: ContainerLog, start: number, options: FollowOptions): AsyncGenerator<Buffer> {
  let offset = start;
  for (let isOver = false; !isOver; offset = 0) {
    const current = await openCurrent(log);
    try {
      isOver = yield* drain(log, { ...current, offset }, options);
    } finally {
      await current.handle.close();
    }
  }
}

/** The current file, and which one it is: it may be replaced while it is opened. */
async function openCurrent(log: ContainerLog): Promise<{ readonly handle: FileHandle; readonly rotation: number }> {
  for (;;) {
    const rotation = log.rotations;
    const handle = await open(log.file);
    if (rotation === log.rotations) {
      return { handle, rotation };
    }
    await handle.close();
  }
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly rotation: number;
  readonly offset: number;
}

/** Reads to the end and waits for more. @returns true at the end of the log, false where the next file goes on */
async function* drain(
  log: ContainerLog,
  { handle, rotation, offset }: OpenFile,
  { follow, signal }: FollowOptions,
): AsyncGenerator<Buffer, boolean> {
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
  const reader = new LineReader(handle, offset);
  for (;;) {
    // Read before the file is: what happens meanwhile is seen in the next round.
    const { changed, hasEnded } = log;
    const isRotated = log.rotations !== rotation;
    yield* reader.available();
    if (isRotated) {
      return false;
    }
    if (!follow || hasEnded || signal.aborted) {
      return true;
    }
    await Promise.race([changed, aborted]);
  }
}

/** Whole lines of a file from an offset on, as far as they are written. */
class LineReader {
  readonly #handle: FileHandle;
  readonly #block = Buffer.alloc(blockBytes);
  #offset: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(handle: FileHandle, offset: number) {
    this.#handle = handle;
    this.#offset = offset;
  }

  async *available(): AsyncGenerator<Buffer> {
    for (;;) {
      const { bytesRead } = await this.#handle.read(this.#block, 0, blockBytes, this.#offset);
      if (bytesRead === 0) {
        return;
      }
      this.#offset += bytesRead;
      let data = Buffer.concat([this.#rest, this.#block.subarray(0, bytesRead)]);
      for (let end = data.indexOf(newline); end >= 0; end = data.indexOf(newline)) {
        yield data.subarray(0, end);
        data = data.subarray(end + 1);
      }
      this.#rest = data;
    }
  }
}

/** Where the last `lines` lines begin, and how many of them the file does not have. Reads from the end. */
async function findTail(file: string, lines: number): Promise<{ readonly offset: number; readonly missing: number }> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const block = Buffer.alloc(blockBytes);
    // The newline at the very end closes the last line; the one before as many lines opens them.
    let left = lines + 1;
    for (let end = size; end > 0; end = Math.max(0, end - blockBytes)) {
      const start = Math.max(0, end - blockBytes);
      await handle.read(block, 0, end - start, start);
      const newlines = findNewlines(block.subarray(0, end - start));
      const opening = newlines.at(-left);
      if (opening !== undefined) {
        return { offset: start + opening + 1, missing: 0 };
      }
      left -= newlines.length;
    }
    return { offset: 0, missing: Math.max(0, left - 1) };
  } finally {
    await handle.close();
  }
}

function findNewlines(block: Buffer): number[] {
  const found: number[] = [];
  for (let at = block.indexOf(newline); at >= 0; at = block.indexOf(newline, at + 1)) {
    found.push(at);
  }
  return found;
}
