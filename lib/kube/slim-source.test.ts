import { expect, it } from 'vitest';
import type { ListPage, WatchEvent } from './client.ts';
import type { KubeObject } from './objects.ts';
import { pods } from './resources.ts';
import { makeSlimSource, type ObjectSource } from './slim-source.ts';

const fat = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { fat: 'yes' } },
});
const slim = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name } });

const bookmark = { type: 'BOOKMARK', resourceVersion: '7', initialEventsEnd: true } as const;
const source = {
  list: async function* () {
    yield await Promise.resolve({ items: [fat('a'), fat('b')], resourceVersion: '5' });
  },
  watch: async function* () {
    yield await Promise.resolve({ type: 'ADDED', object: fat('c') });
    yield bookmark;
  },
} as unknown as ObjectSource;

const slimmed = makeSlimSource(source, (object) => ({ ...object, metadata: { name: object.metadata.name } }));

it('lists and watches bring what was left of each object, and bookmarks as they are', async () => {
  const pages: ListPage<KubeObject>[] = [];
  for await (const page of slimmed.list(pods)) {
    pages.push(page);
  }
  expect(pages).toEqual([{ items: [slim('a'), slim('b')], resourceVersion: '5' }]);
  const events: WatchEvent<KubeObject>[] = [];
  const options = { resourceVersion: '', timeoutSeconds: 300 };
  for await (const event of slimmed.watch(pods, options, new AbortController().signal)) {
    events.push(event);
  }
  expect(events).toEqual([{ type: 'ADDED', object: slim('c') }, bookmark]);
});
