import type { KubeClient, ListPage, WatchEvent } from './client.ts';
import type { KubeObject } from './objects.ts';

export type ObjectSource = Pick<KubeClient, 'list' | 'watch'>;

/** The fields asked for that are there. */
export function pick<T extends object, K extends keyof T>(object: T, fields: readonly K[]): Pick<T, K> {
  const present = fields.filter((field) => object[field] !== undefined);
  return Object.fromEntries(present.map((field) => [field, object[field]])) as Pick<T, K>;
}

/** A source whose lists and watches bring only what `slim` leaves of each object, so that a cache keeps no more than is read. */
export function makeSlimSource(source: ObjectSource, slim: <T extends KubeObject>(object: T) => T): ObjectSource {
  return {
    list: (resource, options) => mapPages(source.list(resource, options), slim),
    watch: (resource, options, signal) => mapEvents(source.watch(resource, options, signal), slim),
  };
}

async function* mapPages<T extends KubeObject>(
  pages: AsyncIterable<ListPage<T>>,
  slim: (object: T) => T,
): AsyncGenerator<ListPage<T>, void, undefined> {
  for await (const page of pages) {
    yield { ...page, items: page.items.map((item) => slim(item)) };
  }
}

async function* mapEvents<T extends KubeObject>(
  events: AsyncIterable<WatchEvent<T>>,
  slim: (object: T) => T,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  for await (const event of events) {
    yield event.type === 'BOOKMARK' ? event : { ...event, object: slim(event.object) };
  }
}
