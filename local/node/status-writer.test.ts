import { describe, expect, it } from 'vitest';
import type { Pod, PodStatus } from '../../lib/kube/objects.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { silentLogger } from '../../lib/log.ts';
import { FakeClock, settle } from '../../lib/testing/fake-clock.ts';
import { aPod } from '../controllers/testing/builders.ts';
import { StatusWriter } from './status-writer.ts';

class Written {
  readonly clock = new FakeClock();
  /** The phases that reached the server. */
  readonly phases: (string | undefined)[] = [];
  readonly failures: Error[] = [];
  phase = 'Pending';
  pod: Pod = aPod('p');
  /** A write hangs until this resolves. */
  gate: Promise<void> = Promise.resolve();

  readonly writer = new StatusWriter({
    clock: this.clock,
    log: silentLogger,
    pod: () => this.pod,
    makeStatus: () => ({ phase: this.phase }),
    onWritten: (pod) => {
      this.pod = pod;
    },
    client: {
      mergePatch: async (_resource, _name, patch) => {
        await this.gate;
        const failure = this.failures.shift();
        if (failure !== undefined) {
          throw failure;
        }
        const { status } = patch as { status: PodStatus };
        this.phases.push(status.phase);
        const written: unknown = { ...this.pod, status };
        return written as never;
      },
    },
  });

  change(phase: string): void {
    this.phase = phase;
    this.writer.changed();
  }
}

const notFound = new StatusError({ code: 404, reason: 'NotFound', message: 'pods "p" not found' });

describe('the status of a pod', () => {
  it('is written at once, and not again while it stays the same', async () => {
    const written = new Written();
    written.change('Running');
    await written.writer.flushed();
    written.change('Running');
    await written.writer.flushed();
    expect(written.phases).toEqual(['Running']);
  });

  it('is written once for all changes that came while a write was on its way', async () => {
    const written = new Written();
    const { promise, resolve } = Promise.withResolvers<void>();
    written.gate = promise;
    written.change('a');
    written.change('b');
    written.change('c');
    resolve();
    await written.writer.flushed();
    expect(written.phases).toEqual(['a', 'c']);
  });

  it('is written again, ever more slowly, when the server does not take it', async () => {
    const written = new Written();
    written.failures.push(new Error('reset'), new Error('reset'));
    written.change('Running');
    await written.clock.advance(149);
    expect(written.phases).toEqual([]);
    await written.clock.advance(1);
    expect(written.phases).toEqual(['Running']);
    expect(written.clock.pending).toBe(0);
  });

  it('of a pod that is gone is not written again', async () => {
    const written = new Written();
    written.failures.push(notFound);
    written.change('Running');
    await written.writer.flushed();
    expect(written.phases).toEqual([]);
    expect(written.clock.pending).toBe(0);
  });

  it('is not written any more after a stop, not even what was to be tried again', async () => {
    const written = new Written();
    written.failures.push(new Error('reset'));
    written.change('Running');
    await settle();
    written.writer.stop();
    await written.clock.advance(60_000);
    written.change('Failed');
    await written.writer.flushed();
    expect(written.phases).toEqual([]);
  });
});
