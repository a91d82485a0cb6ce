import { expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { splitLines } from './lines.ts';

it('a line of many pieces takes time by its length, not by its square', async () => {
  const [piece, pieces] = [Buffer.from('x'.repeat(1024)), 8192];
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < pieces; index++) {
      yield await Promise.resolve(piece);
    }
    yield Buffer.from('\n\nlast');
  }
  const startedAt = systemClock.monotonic();
  const lengths: number[] = [];
  for await (const line of splitLines(chunks())) {
    lengths.push(line.length);
  }
  expect(lengths).toEqual([piece.length * pieces, 'last'.length]);
  // 50 ms; a second look at what came before took more than a minute.
  expect(systemClock.monotonic() - startedAt).toBeLessThan(3000);
});
