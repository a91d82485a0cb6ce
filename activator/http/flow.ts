import type { Readable, Writable } from 'node:stream';
import type { FlowState, StandingFlows } from './standing-flows.ts';

export interface FlowObserver extends FlowState {
  onChunk(bytes: number): void;
}

/** Of both directions of an exchange. */
export interface FlowsObserver {
  readonly flows: StandingFlows;
  onChunk(): void;
}

/**
 * Copies `source` into `sink` no faster than the sink takes it, and nothing more: who ends, fails or closes them is the
 * caller's business. At most one chunk and the buffers of the two are in memory.
 * @returns stops the copying for good; `source` then stands still.
 */
export function startFlow(source: Readable, sink: Writable, observer: FlowObserver): () => void {
  const take = (chunk: Buffer): void => {
    observer.onChunk(chunk.length);
    if (!sink.write(chunk)) {
      source.pause();
      observer.stand();
    }
  };
  const goOn = (): void => {
    observer.goOn();
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
