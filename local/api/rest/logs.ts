import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pod } from '../../../lib/kube/objects.ts';
import { refuse } from '../status.ts';
import type { Exchange, HandlerContext } from './exchange.ts';
import { isTrue, queryOf } from './request.ts';

/** `pods/NAME/log`. */
export async function streamLogs({ logs }: HandlerContext, { request, reply }: Exchange, pod: Pod): Promise<unknown> {
  if (logs === undefined) {
    throw refuse('NotImplemented', 'this server has no node that keeps logs');
  }
  const query = queryOf(request);
  const container = query['container'] ?? pod.spec.containers[0]?.name ?? '';
  if (!pod.spec.containers.some((candidate) => candidate.name === container)) {
    throw refuse('BadRequest', `container ${container} is not valid for pod ${pod.metadata.name}`);
  }
  const gone = new AbortController();
  reply.raw.once('close', () => {
    gone.abort();
  });
  const lines = logs.open(
    pod,
    container,
    {
      follow: isTrue(query['follow']),
      previous: isTrue(query['previous']),
      timestamps: isTrue(query['timestamps']),
      ...numbers(query, ['tailLines', 'sinceSeconds', 'limitBytes']),
    },
    gone.signal,
  );
  const iterator = lines[Symbol.asyncIterator]();
  // A refusal shows with the first read, before the head is out.
  const first = await iterator.next();
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': 'text/plain' });
  reply.raw.flushHeaders();
  try {
    await pipeline(Readable.from(from(first, iterator)), reply.raw);
  } catch (error) {
    if (!gone.signal.aborted) {
      throw error;
    }
  }
  return reply;
}

async function* from(first: IteratorResult<Uint8Array>, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let next = first; next.done !== true; next = await rest.next()) {
    yield next.value;
  }
}

function numbers(
  query: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, number> {
  return Object.fromEntries(names.flatMap((name) => (query[name] === undefined ? [] : [[name, Number(query[name])]])));
}
