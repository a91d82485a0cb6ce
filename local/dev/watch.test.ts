import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../../lib/testing/fake-clock.ts';
import { Burst, watchSource } from './watch.ts';

describe('a burst of events', () => {
  it('is one change, some milliseconds after the last', async () => {
    const clock = new FakeClock();
    const onQuiet = vi.fn();
    const burst = new Burst(clock, onQuiet);
    burst.event();
    await clock.advance(9);
    burst.event();
    await clock.advance(9);
    expect(onQuiet).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(onQuiet).toHaveBeenCalledTimes(1);
    expect(clock.pending).toBe(0);
  });

  it('that never ends is looked at four times a second', async () => {
    const clock = new FakeClock();
    const onQuiet = vi.fn();
    const burst = new Burst(clock, onQuiet);
    for (let ms = 0; ms < 1000; ms += 5) {
      burst.event();
      await clock.advance(5);
    }
    expect(onQuiet.mock.calls.length).toBeGreaterThanOrEqual(3);
    expect(onQuiet.mock.calls.length).toBeLessThanOrEqual(4);
  });
});

describe('watching', () => {
  let folder: string;
  let clock: FakeClock;
  let stop = (): void => undefined;
  const onChange = vi.fn();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flint-watch-'));
    clock = new FakeClock();
    onChange.mockClear();
  });

  afterEach(async () => {
    stop();
    await rm(folder, { recursive: true });
  });

  function watch(name: string, kind: 'file' | 'folder'): void {
    stop = watchSource({ path: join(folder, name), kind }, { clock, onChange, onError: vi.fn() });
  }

  /** The events of the operating system come when they come; what follows them is the clock's. */
  async function untilSeen(): Promise<void> {
    await expect.poll(() => clock.pending).toBe(1);
    await clock.advance(1000);
    expect(onChange).toHaveBeenCalled();
    onChange.mockClear();
  }

  it('a file sees that it is written, and each time that another one is put in its place', async () => {
    await writeFile(join(folder, 'a.mjs'), 'one');
    watch('a.mjs', 'file');
    await writeFile(join(folder, 'a.mjs'), 'two');
    await untilSeen();
    for (const text of ['three', 'four']) {
      await writeFile(join(folder, '.a.mjs.tmp'), text);
      await rename(join(folder, '.a.mjs.tmp'), join(folder, 'a.mjs'));
      await untilSeen();
    }
  });

  it('a file does not see its neighbours', async () => {
    await writeFile(join(folder, 'a.mjs'), 'one');
    watch('a.mjs', 'file');
    await writeFile(join(folder, 'b.mjs'), 'two');
    await writeFile(join(folder, 'a.mjs'), 'two');
    await untilSeen();
    expect(onChange).not.toHaveBeenCalled();
  });

  it('a folder sees a file that is new', async () => {
    watch('', 'folder');
    await writeFile(join(folder, 'b.mjs'), 'two');
    await untilSeen();
  });

  it('leaves no timer when it ends', async () => {
    watch('', 'folder');
    await writeFile(join(folder, 'b.mjs'), 'two');
    await expect.poll(() => clock.pending).toBe(1);
    stop();
    expect(clock.pending).toBe(0);
  });
});
