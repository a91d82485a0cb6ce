import { expect, it } from 'vitest';
import { FakeClock } from '../../../lib/testing/fake-clock.ts';
import { ApiCore } from './core.ts';
import { EventExpiry } from './event-expiry.ts';

const minuteMs = 60_000;

it('events are kept for an hour since they were told last, and nothing else goes', async () => {
  const clock = new FakeClock();
  const core = new ApiCore({ clock, random: () => 0.5 });
  const kinds = {
    events: core.registry.find('', 'v1', 'events'),
    configMaps: core.registry.find('', 'v1', 'configmaps'),
  };
  const creationTimestamp = core.now();
  const put = (plural: keyof typeof kinds, name: string, series?: object): void => {
    const kind = kinds[plural];
    const metadata = { name, namespace: 'default', creationTimestamp };
    core.storage.put(kind, name, { apiVersion: 'v1', kind: kind.kind, metadata, ...(series && { series }) });
  };
  put('events', 'once');
  put('events', 'again', { lastObservedTime: new Date(clock.now() + 30 * minuteMs).toISOString() });
  put('configMaps', 'other');
  const stop = new AbortController();
  const running = new EventExpiry(core, clock).run(stop.signal);
  const names = (): string[] =>
    Object.values(kinds).flatMap((kind) => [...core.storage.list(kind)].map(([key]) => key));
  await clock.advance(50 * minuteMs);
  expect(names()).toEqual(['once', 'again', 'other']);
  await clock.advance(30 * minuteMs);
  expect(names()).toEqual(['again', 'other']);
  await clock.advance(30 * minuteMs);
  expect(names()).toEqual(['other']);
  stop.abort();
  await running;
  expect(clock.pending).toBe(0);
});
