import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Clock } from '../../lib/clock.ts';

export interface DemoAnswer {
  readonly status: number;
  readonly text: string;
  readonly durationMs: number;
  /** The `Server-Timing` header of a cold answer. */
  readonly phases: string | undefined;
}

/** One `GET` to a function, addressed by its host name, so that no resolver has to know it. */
export async function callFunction(url: URL, host: string, clock: Clock): Promise<DemoAnswer> {
  const startedAt = clock.monotonic();
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(url, { headers: { host }, agent: false }, resolve).once('error', reject);
  const response = await promise;
  const body = await text(response);
  const timing = response.headers['server-timing'];
  return {
    status: response.statusCode ?? 0,
    text: body,
    durationMs: clock.monotonic() - startedAt,
    phases: typeof timing === 'string' ? timing : undefined,
  };
}

/** `queue;dur=0.4, start;dur=41.7` as `queue 0, start 42`. */
export function describePhases(serverTiming: string | undefined): string {
  if (serverTiming === undefined) {
    return 'warm';
  }
  return serverTiming
    .split(',')
    .map((metric) => {
      const [phase = '', duration = ''] = metric.trim().split(';dur=');
      return `${phase} ${Math.round(Number(duration))}`;
    })
    .join(', ');
}
