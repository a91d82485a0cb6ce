import { describe, expect, it } from 'vitest';
import { StatusError } from './status-error.ts';
import {
  added,
  bookmark,
  deleted,
  follow,
  type FollowOptions,
  initialEnd,
  modified,
  type Step,
} from './testing/scripted-server.ts';

/** What an API server, or the way to it, does to a watch; what the cache makes of it. `docs/design/controller-faults.md` has the list. */

const refused = (code: number, reason: string, retryAfterSeconds?: number): StatusError =>
  new StatusError({ code, reason, message: reason, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
const broken = refused(500, 'InternalError');
const unavailable = refused(503, 'ServiceUnavailable');
const gone = refused(410, 'Expired');
const future = refused(504, 'Timeout', 1);
const unstreamed = refused(422, 'Invalid');
const reset = new Error('read ECONNRESET');
const times = (count: number, ...script: Step[]): Step[][] => Array.from({ length: count }, () => script);

interface Fault extends FollowOptions {
  readonly fault: string;
  readonly scripts: readonly (readonly Step[])[];
  readonly kept: readonly string[];
  /** Versions that the watches asked for, '' for everything. */
  readonly from?: readonly string[];
  readonly told?: readonly string[];
  readonly lists?: number;
  readonly failures?: number;
}

const faults: readonly Fault[] = [
  {
    fault: 'a watch answered 500 once',
    scripts: [[initialEnd(3), added('x', 4), 'end'], [broken], [added('y', 5), 'stay']],
    kept: ['x@4', 'y@5'],
    from: ['', '4', '4'],
  },
  {
    fault: 'a watch answered 500 for minutes',
    scripts: [[initialEnd(3), added('x', 4), 'end'], ...times(12, broken), [added('y', 5), 'stay']],
    ms: 300_000,
    kept: ['x@4', 'y@5'],
    from: ['', ...Array.from({ length: 13 }, () => '4')],
  },
  {
    fault: 'the first request answered 403 until the right is given',
    scripts: [...times(3, refused(403, 'Forbidden')), [added('x', 1), initialEnd(2), 'stay']],
    kept: ['x@1'],
    from: ['', '', '', ''],
  },
  {
    fault: 'a relist answered 503',
    scripts: [[unstreamed], [added('y', 51), gone], ['stay']],
    listings: [['x'], unavailable, unavailable, ['z']],
    kept: ['z@50'],
    from: ['', '50', '50'],
    told: ['set x', 'set y', 'delete x', 'delete y', 'set z'],
    lists: 4,
  },
  {
    fault: 'a streamed relist answered 503',
    scripts: [
      [initialEnd(3), added('x', 4), gone],
      [unavailable],
      [unavailable],
      [added('y', 9), initialEnd(10), 'stay'],
    ],
    kept: ['y@9'],
    told: ['set x', 'delete x', 'set y'],
    from: ['', '', '', ''],
  },
  {
    fault: 'a list whose pages expire on the way',
    scripts: [[refused(400, 'BadRequest')], ['stay']],
    listings: [gone, ['x']],
    kept: ['x@50'],
    from: ['', '50'],
    lists: 2,
  },
  {
    fault: 'a stream of the first objects that breaks off',
    scripts: [
      [added('x', 1), reset],
      [added('y', 2), 'end'],
      [added('z', 3), initialEnd(4), 'stay'],
    ],
    kept: ['z@3'],
    told: ['set z'],
    from: ['', '', ''],
  },
  {
    fault: 'objects that go while the first ones are streamed',
    scripts: [[added('x', 1), added('y', 2), deleted('x', 3), modified('y', 4), initialEnd(4), 'stay']],
    kept: ['y@4'],
    told: ['set y'],
  },
  {
    fault: 'an error other than 410 inside the stream',
    scripts: [
      [initialEnd(3), added('x', 4), broken],
      [added('y', 5), 'stay'],
    ],
    kept: ['x@4', 'y@5'],
    from: ['', '4'],
  },
  {
    fault: 'a connection that breaks, and events lost with it',
    scripts: [
      [initialEnd(3), added('x', 4), reset],
      [deleted('x', 5), added('y', 6), 'stay'],
    ],
    kept: ['y@6'],
    told: ['set x', 'delete x', 'set y'],
    from: ['', '4'],
  },
  {
    fault: 'events lost for good',
    scripts: [
      [initialEnd(3), added('x', 4), added('y', 5), gone],
      [added('y', 8), initialEnd(9), 'stay'],
    ],
    kept: ['y@8'],
    told: ['set x', 'set y', 'delete x', 'set y'],
  },
  {
    fault: 'events that come twice',
    scripts: [
      [
        initialEnd(3),
        added('x', 4),
        added('x', 4),
        modified('x', 5),
        modified('x', 5),
        deleted('x', 6),
        deleted('x', 6),
      ],
    ],
    kept: [],
    told: ['set x', 'set x', 'delete x'],
  },
  {
    fault: 'a server that begins again with events of before',
    scripts: [
      [initialEnd(3), added('x', 4), deleted('y', 5), modified('x', 6), 'end'],
      [added('y', 3), added('x', 4), deleted('y', 5), modified('x', 6), modified('x', 7), bookmark(5), 'end'],
      ['stay'],
    ],
    kept: ['x@7'],
    told: ['set x', 'delete y', 'set x', 'set x'],
    from: ['', '6', '7'],
  },
  {
    fault: 'an object deleted and made again between two events',
    scripts: [[initialEnd(3), added('x', 4, 'old'), modified('x', 7, 'new'), 'stay']],
    kept: ['x@7'],
    told: ['set x', 'delete x', 'set x'],
  },
  {
    fault: 'an object deleted and made again while nobody watched',
    scripts: [
      [added('x', 1, 'old'), initialEnd(2), gone],
      [added('x', 8, 'new'), initialEnd(9), 'stay'],
    ],
    kept: ['x@8'],
    told: ['set x', 'delete x', 'set x'],
  },
  {
    fault: 'the end of a predecessor told late',
    scripts: [[initialEnd(3), added('x', 4, 'old'), added('x', 7, 'new'), deleted('x', 6, 'old'), 'stay']],
    kept: ['x@7'],
    told: ['set x', 'delete x', 'set x'],
  },
  {
    fault: 'a version from the future',
    scripts: [[initialEnd(90), added('x', 91), 'end'], [future], [added('y', 40), initialEnd(50), 'stay']],
    kept: ['y@40'],
    told: ['set x', 'delete x', 'set y'],
    from: ['', '91', ''],
  },
  {
    fault: 'a version that ages while nothing changes',
    scripts: [[initialEnd(3), bookmark(90), 60_000, 'end'], ['stay']],
    failures: 0,
    kept: [],
    from: ['', '90'],
  },
];

describe('a cache outlives', () => {
  it.each(faults)('$fault', async ({ scripts, kept, from, told, lists, failures, ...options }) => {
    const followed = await follow(scripts, options);
    expect(followed.kept).toEqual(kept);
    expect(followed.reflector.hasSynced).toBe(true);
    if (from !== undefined) {
      expect(followed.server.watches.map(({ resourceVersion }) => resourceVersion)).toEqual(from);
    }
    if (told !== undefined) {
      expect(followed.told).toEqual(told);
    }
    expect(followed.server.lists).toBe(lists ?? 0);
    expect(followed.failures).toBe(failures ?? followed.failures);
  });
});

describe('a cache spares the server', () => {
  const pausesOf = (at: readonly number[]): number[] => at.slice(1).map((time, index) => time - (at[index] ?? 0));

  it('that is down: its pauses double from 0.8 s to 30 s, and no longer', async () => {
    const { server, failures } = await follow(times(20, broken), { ms: 180_000 });
    expect(pausesOf(server.watchedAt)).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000, 30_000]);
    expect(failures).toBe(11);
  });

  it('that is down: its pauses are up to twice as long by chance, so that caches do not come back together', async () => {
    const { server } = await follow(times(20, broken), { ms: 10_000, random: () => 0.5 });
    expect(pausesOf(server.watchedAt)).toEqual([1200, 2400, 4800]);
  });

  it('that asks to be left alone (429 or 503 with Retry-After) for as long as it asks', async () => {
    for (const code of [429, 503]) {
      const { server } = await follow([[refused(code, 'TooManyRequests', 60)], [initialEnd(1), 'stay']]);
      expect(server.watchedAt).toEqual([0, 60_000]);
    }
  });

  const short = [
    { name: 'at once', script: ['end'] },
    { name: 'after a bookmark', script: [bookmark(9), 'end'] },
    { name: 'after a change that is none', script: [added('x', 1), 'end'] },
    { name: 'after 9.9 s', script: [9900, 'end'] },
  ] satisfies { name: string; script: Step[] }[];
  it.each(short)('that ends every watch $name: with growing pauses', async ({ script }) => {
    const { server } = await follow([[initialEnd(1), 'end'], ...times(100, ...script)], { ms: 60_000 });
    expect(server.watches.length).toBeLessThanOrEqual(7);
  });

  it('that ends every watch among the first objects: with growing pauses', async () => {
    const { server, reflector } = await follow(times(100, added('x', 1), 'end'), { ms: 60_000 });
    expect(server.watches.length).toBeLessThanOrEqual(7);
    expect(reflector.hasSynced).toBe(false);
  });

  const long = [
    { name: 'brought a change', before: [initialEnd(1), added('x', 2), 'end'] },
    { name: 'lived 10 s', before: [initialEnd(1), 10_000, 'end'] },
  ] satisfies { name: string; before: Step[] }[];
  it.each(long)('no more than it has to: after a watch that $name the next one begins at once', async ({ before }) => {
    const { server } = await follow([before, ['stay']]);
    expect(pausesOf(server.watchedAt)).toEqual([before.includes(10_000) ? 10_000 : 0]);
  });

  const healed = [
    { name: 'brought a change', script: [added('x', 9), reset], livedMs: 0 },
    { name: 'lived 10 s', script: [10_000, reset], livedMs: 10_000 },
    { name: 'lived 10 s and was ended', script: [10_000, 'end'], livedMs: 10_000 },
  ] satisfies { name: string; script: Step[]; livedMs: number }[];
  it.each(healed)('no more than it has to: a watch that $name makes the next pause short again', async (tc) => {
    const scripts = [[initialEnd(1), 'end'], ...times(4, broken), tc.script, [broken], ['stay']];
    const { server } = await follow(scripts as Step[][]);
    const [afterIt, afterNext] = pausesOf(server.watchedAt).slice(-2);
    const ended = tc.script.includes('end');
    expect([afterIt, afterNext]).toEqual(ended ? [tc.livedMs, 800] : [tc.livedMs + 800, 1600]);
  });

  it('for watches of 5 to 10 minutes, at random', async () => {
    for (const [random, seconds] of [
      [0, 300],
      [0.5, 450],
      [0.999_999, 600],
    ] as const) {
      const { server } = await follow([['stay']], { random: () => random });
      expect(server.watches[0]?.timeoutSeconds).toBe(seconds);
    }
  });
});

describe('a cache tells', () => {
  it('of an end that nobody saw with the object as it was last known', async () => {
    const ends: (string | undefined)[] = [];
    await follow(
      [
        [initialEnd(1), added('x', 5), gone],
        [initialEnd(9), 'stay'],
      ],
      {
        onChange: ({ type, object }) => {
          ends.push(...(type === 'delete' ? [object.metadata.resourceVersion] : []));
        },
      },
    );
    expect(ends).toEqual(['5']);
  });

  it('what an object was before it changed, and nothing of a namesake', async () => {
    const before: (string | undefined)[] = [];
    await follow([[initialEnd(1), added('x', 5, 'old'), modified('x', 6, 'old'), modified('x', 8, 'new'), 'stay']], {
      onChange: (change) => {
        before.push(...(change.type === 'set' ? [change.previous?.metadata.resourceVersion] : []));
      },
    });
    expect(before).toEqual([undefined, '5', undefined]);
  });

  it('nothing of what a relist shows unchanged', async () => {
    const { told } = await follow([
      [added('x', 1), added('y', 1), initialEnd(2), gone],
      [added('x', 1), added('y', 8), initialEnd(9), 'stay'],
    ]);
    expect(told).toEqual(['set x', 'set y', 'set y']);
  });
});
