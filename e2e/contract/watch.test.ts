import { expect, it } from 'vitest';
import type { WatchEvent } from '../../lib/kube/client.ts';
import { askTarget, fieldManager, refusal, type Widget, widgets } from './world.ts';

const ask = askTarget();
const labels = (): object => ({ labels: { of: ask.name } });
const selector = (): { namespace: string; labelSelector: string } => ({
  namespace: ask.namespace,
  labelSelector: `of=${ask.name}`,
});
const nth = (index: number): { namespace: string; name: string } => ({
  namespace: ask.namespace,
  name: `${ask.name}-${index}`,
});

interface From {
  readonly resourceVersion: string;
  readonly sendInitialEvents?: boolean;
}

/**
 * The first `count` events; `onEvent` hears of each. Bookmarks of progress are not counted: a server may send one at any
 * moment (https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks), a real one does every minute.
 */
async function take(
  count: number,
  from: From,
  onEvent: (event: WatchEvent<Widget>) => void = () => undefined,
): Promise<WatchEvent<Widget>[]> {
  const stop = new AbortController();
  const seen: WatchEvent<Widget>[] = [];
  for await (const event of ask.client.watch(widgets, { ...selector(), ...from, timeoutSeconds: 60 }, stop.signal)) {
    if (event.type === 'BOOKMARK' && !event.initialEventsEnd) {
      continue;
    }
    seen.push(event);
    onEvent(event);
    if (seen.length === count) {
      break;
    }
  }
  stop.abort();
  return seen;
}

async function all<T>(events: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const event of events) {
    seen.push(event);
  }
  return seen;
}

async function createMany(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await ask.client.create(widgets, ask.widget({}, { ...nth(index), ...labels() }), { fieldManager });
  }
}

it('a list comes in pages that together are everything', async () => {
  await createMany(5);
  const names: string[] = [];
  let pages = 0;
  for await (const page of ask.client.list(widgets, { ...selector(), pageSize: 2 })) {
    pages += 1;
    names.push(...page.items.map((item) => item.metadata.name));
  }
  expect([pages, names]).toEqual([3, [0, 1, 2, 3, 4].map((index) => `${ask.name}-${index}`)]);
});

it('the pages of a list are of the moment of the first', async () => {
  await createMany(4);
  const names: string[] = [];
  for await (const page of ask.client.list(widgets, { ...selector(), pageSize: 2 })) {
    names.push(...page.items.map((item) => item.metadata.name));
    if (names.length === 2) {
      await ask.client.delete(widgets, nth(3));
      await ask.client.create(widgets, ask.widget({}, { ...nth(4), ...labels() }), { fieldManager });
    }
  }
  expect(names).toEqual([0, 1, 2, 3].map((index) => `${ask.name}-${index}`));
});

it('a watch without events of its own tells before its end how far the kind has come', async () => {
  await createMany(1);
  const { metadata } = await ask.client.get(widgets, nth(0));
  const from = { resourceVersion: metadata.resourceVersion ?? '', timeoutSeconds: 6 };
  const watching = all(ask.client.watch(widgets, { ...selector(), ...from }, new AbortController().signal));
  // One that the selector does not choose: a real server's bookmarks tell of what it dispatched after the watch began.
  const other = await ask.client.create(widgets, ask.widget({}, nth(1)), { fieldManager });
  const seen = await watching;
  expect(new Set(seen.map(({ type }) => type))).toEqual(new Set(['BOOKMARK']));
  const last = seen.at(-1);
  expect(last).toMatchObject({ initialEventsEnd: false });
  const reached = last?.type === 'BOOKMARK' ? Number(last.resourceVersion) : 0;
  expect(reached).toBeGreaterThanOrEqual(Number(other.metadata.resourceVersion));
});

it('a watch from long ago is answered 200, and 410 inside', async () => {
  const path = `/apis/${widgets.group}/${widgets.version}/namespaces/${ask.namespace}/${widgets.plural}`;
  const answer = await ask.kubectl.run('get', '--raw', `${path}?watch=1&resourceVersion=1&timeoutSeconds=5`);
  expect(JSON.parse(answer)).toMatchObject({
    type: 'ERROR',
    object: {
      kind: 'Status',
      status: 'Failure',
      code: 410,
      reason: 'Expired',
      message: expect.stringContaining('too old resource version: 1 (') as string,
    },
  });
});

it('a watch sends what there is, then a marked bookmark, then what happens', async () => {
  await createMany(2);
  const told = Promise.withResolvers<undefined>();
  const events = take(5, { resourceVersion: '', sendInitialEvents: true }, (event) => {
    if (event.type === 'BOOKMARK') {
      told.resolve(undefined);
    }
  });
  await Promise.race([told.promise, events]);
  await ask.client.mergePatch(widgets, nth(0), { spec: { size: 8 } }, { fieldManager });
  await ask.client.delete(widgets, nth(0));
  expect((await events).map((event) => (event.type === 'BOOKMARK' ? event.initialEventsEnd : event.type))).toEqual([
    'ADDED',
    'ADDED',
    true,
    'MODIFIED',
    'DELETED',
  ]);
});

it('an object that stops to match is told as deleted, and one that starts to as added', async () => {
  await createMany(1);
  const { metadata } = await ask.client.get(widgets, nth(0));
  const events = take(2, { resourceVersion: metadata.resourceVersion ?? '' });
  await ask.client.mergePatch(widgets, nth(0), { metadata: { labels: { of: 'nobody' } } }, { fieldManager });
  await ask.client.mergePatch(widgets, nth(0), { metadata: { labels: { of: ask.name } } }, { fieldManager });
  expect((await events).map(({ type }) => type)).toEqual(['DELETED', 'ADDED']);
});

it('a list of a version that is still to come is answered 504', async () => {
  const list = async (): Promise<void> => {
    for await (const _page of ask.client.list(widgets, { ...selector(), resourceVersion: '999999999' })) {
      return;
    }
  };
  expect(await refusal(list())).toMatchObject({ code: 504, reason: 'Timeout' });
});
