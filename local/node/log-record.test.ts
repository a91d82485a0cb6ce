import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRecord, formatTime, LineCutter, longestRecordBytes, parseRecord } from './log-record.ts';

describe('a log record', () => {
  it('has the form of the CRI', () => {
    const time = formatTime(Date.UTC(2026, 10, 23, 10, 0, 0, 7));
    const record = { time, stream: 'stdout', isPartial: false, text: Buffer.from('hello') } as const;
    expect(formatRecord(record).toString()).toBe('2026-11-23T10:00:00.007000000Z stdout F hello\n');
  });

  it('comes back as it was written, whatever the text', () => {
    const texts = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0a)));
    fc.assert(
      fc.property(texts, fc.boolean(), (text, isPartial) => {
        const record = { time: formatTime(0), stream: 'stderr', isPartial, text } as const;
        const read = parseRecord(formatRecord(record).subarray(0, -1));
        expect(read).toEqual({ ...record, text: expect.any(Buffer) as Buffer });
        expect(read?.text.equals(text)).toBe(true);
      }),
    );
  });

  for (const line of ['', 'hello', '2026 stdin F x', '2026 stdout X x']) {
    it(`is not '${line}'`, () => {
      expect(parseRecord(Buffer.from(line))).toBeUndefined();
    });
  }
});

describe('the lines of a stream', () => {
  it('are the same however the bytes are cut, and none is longer than the bound', () => {
    const pieces = fc.array(fc.stringMatching(/^[a-c\n]{0,12}$/u), { maxLength: 20 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 0, max: 3 }), (texts, long) => {
        const all = texts.join('') + 'x'.repeat(long * longestRecordBytes) + '\nend';
        const cutter = new LineCutter();
        const lines = [...texts, all.slice(texts.join('').length)].flatMap((text) => cutter.push(Buffer.from(text)));
        lines.push(...cutter.end());
        expect(lines.every(({ text }) => text.length <= longestRecordBytes)).toBe(true);
        expect(lines.map(({ text, isPartial }) => text.toString() + (isPartial ? '' : '\n')).join('')).toBe(`${all}\n`);
      }),
    );
  });
});
