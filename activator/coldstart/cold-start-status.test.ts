import { expect, it } from 'vitest';
import type { Revision } from '../../lib/api/revision.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { silentLogger } from '../../lib/log.ts';
import { FakeClock, settle } from '../../lib/testing/fake-clock.ts';
import { ColdStartStatus, settleMs } from './cold-start-status.ts';

const phases = { queue: 0.44, schedule: 20, start: 60.06 };

class FakeRevisions {
  readonly counts = new Map<string, number>();
  readonly writes: { name: string; patch: object; subresource: string | undefined }[] = [];
  refusal: StatusError | undefined;
  underWay = 0;
  mostUnderWay = 0;

  get client(): Pick<KubeClient, 'get' | 'mergePatch'> {
    return {
      get: (_resource: unknown, { name }: { name: string }) => this.#get(name),
      mergePatch: (
        _resource: unknown,
        { name }: { name: string },
        patch: object,
        options: { subresource?: string },
      ) => {
        this.writes.push({ name, patch, subresource: options.subresource });
        const { status } = patch as { status: { coldStart: { count: number } } };
        this.counts.set(name, status.coldStart.count);
        this.underWay -= 1;
        return Promise.resolve();
      },
    } as unknown as KubeClient;
  }

  async #get(name: string): Promise<Partial<Revision>> {
    if (this.refusal !== undefined) {
      throw this.refusal;
    }
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    await settle();
    const count = this.counts.get(name);
    return {
      metadata: { name, uid: `uid-${name}` },
      ...(count === undefined ? {} : { status: { coldStart: { count } } }),
    };
  }
}

function make(): { clock: FakeClock; revisions: FakeRevisions; status: ColdStartStatus } {
  const clock = new FakeClock();
  const revisions = new FakeRevisions();
  return { clock, revisions, status: new ColdStartStatus({ clock, log: silentLogger, client: revisions.client }) };
}

it('a wake is counted on top of what the status says, with its phases, under the uid that was read', async () => {
  const { clock, revisions, status } = make();
  revisions.counts.set('hello-1', 41);
  status.note('shop', 'hello-1', phases);
  expect(revisions.writes).toEqual([]);
  await clock.advance(settleMs);
  await settle();
  expect(revisions.writes).toEqual([
    {
      name: 'hello-1',
      subresource: 'status',
      patch: {
        metadata: { uid: 'uid-hello-1' },
        status: { coldStart: { count: 42, lastPhasesMs: { queue: 0.4, schedule: 20, start: 60.1 } } },
      },
    },
  ]);
});

it('a burst is written one after the other, and wakes of one Revision together', async () => {
  const { clock, revisions, status } = make();
  for (let wake = 0; wake < 3; wake++) {
    status.note('shop', 'a', phases);
    status.note('shop', 'b', phases);
  }
  await clock.advance(settleMs);
  await settle();
  expect(revisions.writes.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(Object.fromEntries(revisions.counts)).toEqual({ a: 3, b: 3 });
  expect(revisions.mostUnderWay).toBe(1);
});

it('a wake during the writing is not lost', async () => {
  const { clock, revisions, status } = make();
  status.note('shop', 'a', phases);
  const advanced = clock.advance(settleMs);
  status.note('shop', 'a', phases);
  await advanced;
  status.note('shop', 'b', phases);
  await clock.advance(settleMs);
  await settle();
  expect(Object.fromEntries(revisions.counts)).toEqual({ a: 2, b: 1 });
});

it('a refusal harms neither the caller nor the next wake; a deleted Revision is nobody to tell', async () => {
  const { clock, revisions, status } = make();
  for (const reason of ['NotFound', 'Forbidden']) {
    revisions.refusal = new StatusError({ code: 400, reason, message: reason });
    status.note('shop', 'a', phases);
    await clock.advance(settleMs);
    await settle();
  }
  revisions.refusal = undefined;
  status.note('shop', 'a', phases);
  await clock.advance(settleMs);
  await settle();
  expect(Object.fromEntries(revisions.counts)).toEqual({ a: 1 });
});

it('I7: at rest it has no timer', async () => {
  const { clock, status } = make();
  expect(clock.pending).toBe(0);
  status.note('shop', 'a', phases);
  await clock.advance(settleMs);
  await settle();
  expect(clock.pending).toBe(0);
});
