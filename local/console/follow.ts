import { labels } from '../../lib/api/names.ts';
import { functions } from '../../lib/api/resources.ts';
import type { Clock, Random } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { Reflector } from '../../lib/kube/reflector.ts';
import { deployments } from '../../lib/kube/resources.ts';
import { silentLogger } from '../../lib/log.ts';
import { renderReady, renderScale } from './lines.ts';
import { readyEventOf, scaleEventOf } from './watch.ts';

export interface FollowContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly say: (line: string) => void;
  /** Settles when there is nothing to follow any more. */
  readonly ended: Promise<void>;
}

/** Says which functions are not ready, and from now on each change of a function's scale and readiness. */
export function followEvents(
  client: Pick<KubeClient, 'list' | 'watch'>,
  { clock, random, say, ended }: FollowContext,
): void {
  const shared = { client, clock, random, log: silentLogger };
  const scale = new Reflector({ ...shared, resource: deployments, labelSelector: labels.function });
  const ready = new Reflector({ ...shared, resource: functions });
  const now = (): string => new Date(clock.now()).toISOString();
  scale.onChange((change) => {
    const event =
      change.type === 'set' && scale.hasSynced ? scaleEventOf(change.object, change.previous, now()) : undefined;
    if (event !== undefined) {
      say(renderScale(event));
    }
  });
  ready.onChange((change) => {
    const event = change.type === 'set' ? readyEventOf(change.object, change.previous, now()) : undefined;
    if (event !== undefined && (ready.hasSynced || !event.ready)) {
      say(renderReady(event));
    }
  });
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
  };
  ended.then(end, end);
  for (const reflector of [scale, ready]) {
    void reflector.run(stop.signal);
  }
}
