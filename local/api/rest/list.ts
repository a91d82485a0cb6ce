import { refuse } from '../status.ts';
import { parseFieldSelector, parseLabelSelector } from '../storage/selectors.ts';
import type { Exchange, HandlerContext } from './handlers.ts';
import { queryOf, representationOf } from './request.ts';
import { type Page, representList } from './represent.ts';

/** LIST with selectors, `limit` and `continue`. A page after the first is of the objects as they are by then. */
export function listObjects({ core, clock }: HandlerContext, { request, kind, info }: Exchange): object {
  const query = queryOf(request);
  core.storage.checkReached(Number(query['resourceVersion'] ?? 0));
  const byLabels = parseLabelSelector(query['labelSelector']);
  const byFields = parseFieldSelector(query['fieldSelector']);
  const objects = [...core.storage.list(kind)]
    .filter(([, object]) => info.namespace === undefined || object.metadata.namespace === info.namespace)
    .filter(([, object]) => byLabels(object) && byFields(object))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const page = pageOf(objects, Number(query['limit'] ?? 0), query['continue']);
  return representList(kind, page, representationOf(request), {
    now: clock.now(),
    version: String(core.storage.version),
  });
}

type Entry = readonly [key: string, object: Page['objects'][number]];

function pageOf(entries: readonly Entry[], limit: number, token: string | undefined): Page {
  const after = token === undefined || token === '' ? undefined : decodeToken(token);
  const rest = after === undefined ? entries : entries.filter(([key]) => key > after);
  if (limit <= 0 || rest.length <= limit) {
    return { objects: rest.map(([, object]) => object) };
  }
  const page = rest.slice(0, limit);
  return {
    objects: page.map(([, object]) => object),
    continue: Buffer.from(page.at(-1)?.[0] ?? '').toString('base64url'),
    remaining: rest.length - limit,
  };
}

function decodeToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString('utf8');
  if (key === '') {
    throw refuse('BadRequest', 'continue key is not valid');
  }
  return key;
}
