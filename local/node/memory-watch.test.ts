import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { MemoryWatch } from './memory-watch.ts';

describe('the memory watch', () => {
  it('tells of a process that outgrows its limit, and of no other', async () => {
    const clock = new FakeClock();
    const memory = new Map([
      [1, 100],
      [2, 100],
    ]);
    const watch = new MemoryWatch({ clock, residentBytes: (pid) => memory.get(pid) });
    const exceeded: number[] = [];
    watch.add(1, { limitBytes: 150, onExceeded: () => exceeded.push(1) });
    watch.add(2, { limitBytes: 150, onExceeded: () => exceeded.push(2) });
    await clock.advance(1000);
    expect(exceeded).toEqual([]);
    memory.set(2, 151);
    await clock.advance(1000);
    expect(exceeded).toEqual([2]);
  });

  it('has one timer for all, and none without any', async () => {
    const clock = new FakeClock();
    const watch = new MemoryWatch({ clock, residentBytes: () => undefined });
    const stops = [1, 2, 3].map((pid) => watch.add(pid, { limitBytes: 1, onExceeded: () => undefined }));
    await clock.advance(3000);
    expect(clock.pending).toBe(1);
    stops.forEach((stop) => {
      stop();
    });
    expect(clock.pending).toBe(0);
  });

  it('reads the memory of a real process', async () => {
    const clock = new FakeClock();
    let isExceeded = false;
    const watch = new MemoryWatch({ clock });
    watch.add(process.pid, { limitBytes: 1, onExceeded: () => (isExceeded = true) });
    await clock.advance(1000);
    expect(isExceeded).toBe(process.platform === 'linux');
  });
});
