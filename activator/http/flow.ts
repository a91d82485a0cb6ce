import type { Readable, Writable } from 'node:stream';

/**
 * Copies `source` into `sink` no faster than the sink takes it, and nothing more: who ends, fails or closes them is the
 * caller's business. At most one chunk and the buffers of the two are in memory.
 * @returns stops the copying for good; `source` then stands still.
 */
export function startFlow(source: Readable, sink: Writable, onChunk: (bytes: number) => void): () => void {
  const take = (chunk: Buffer): void => {
    onChunk(chunk.length);
    if (!sink.write(chunk)) {
      source.pause();
    }
  };
  const goOn = (): void => {
    source.resume();
  };
  sink.on('drain', goOn);
  source.on('data', take);
  return () => {
    source.off('data', take);
    sink.off('drain', goOn);
    source.pause();
  };
}
