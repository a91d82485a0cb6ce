/** One line of a container's log file, in the format of the CRI: `2026-11-23T10:00:00.000000000Z stdout F hello`. */
export interface LogRecord {
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** The line goes on in the next record. */
  readonly isPartial: boolean;
  /** Without the end of line. */
  readonly text: Buffer;
}

export type LogStream = LogRecord['stream'];

const newline = 0x0a;

export function formatRecord({ time, stream, isPartial, text }: LogRecord): Buffer {
  return Buffer.concat([Buffer.from(`${time} ${stream} ${isPartial ? 'P' : 'F'} `), text, Buffer.of(newline)]);
}

/** @returns undefined for a line that is no record */
export function parseRecord(line: Buffer): LogRecord | undefined {
  const [, time, stream, flag] = /^(\S+) (stdout|stderr) ([FP]) /u.exec(line.subarray(0, 64).toString('latin1')) ?? [];
  if (time === undefined || stream === undefined || flag === undefined) {
    return undefined;
  }
  const text = line.subarray(time.length + stream.length + flag.length + 3);
  return { time, stream: stream as LogStream, isPartial: flag === 'P', text };
}

/** Nanoseconds by form, milliseconds in truth. */
export function formatTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000000Z');
}

/** Longer lines are cut into partial records, as a container runtime does. */
export const longestRecordBytes = 16 * 1024;

/** Cuts the bytes of one stream into lines. Keeps at most one record back. */
export class LineCutter {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): { readonly text: Buffer; readonly isPartial: boolean }[] {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const lines: { text: Buffer; isPartial: boolean }[] = [];
    for (let end = data.indexOf(newline); end >= 0 || data.length >= longestRecordBytes; end = data.indexOf(newline)) {
      const isPartial = end < 0 || end > longestRecordBytes;
      const length = isPartial ? longestRecordBytes : end;
      lines.push({ text: data.subarray(0, length), isPartial });
      data = data.subarray(isPartial ? length : length + 1);
    }
    // A copy: the rest must not keep the whole chunk alive.
    this.#rest = Buffer.from(data);
    return lines;
  }

  /** What came after the last end of line. */
  end(): { readonly text: Buffer; readonly isPartial: boolean }[] {
    const text = this.#rest;
    this.#rest = Buffer.alloc(0);
    return text.length === 0 ? [] : [{ text, isPartial: false }];
  }
}
