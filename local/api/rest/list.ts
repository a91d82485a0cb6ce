import { StatusError } from '../../../lib/kube/status-error.ts';
import type { Kind } from '../kinds/kind.ts';
import { refuse } from '../status.ts';
import { parseFieldSelector, parseLabelSelector } from '../storage/selectors.ts';
import type { Storage } from '../storage/storage.ts';
import type { Exchange, HandlerContext } from './exchange.ts';
import { queryOf, representationOf } from './request.ts';
import { type Page, representList } from './represent.ts';

/** LIST with selectors, `limit` and `continue`: all pages are of the moment of the first. */
export function listObjects({ core, clock }: HandlerContext, { request, kind, info }: Exchange): object {
  const query = queryOf(request);
  core.storage.checkReached(Number(query['resourceVersion'] ?? 0));
  const byLabels = parseLabelSelector(query['labelSelector']);
  const byFields = parseFieldSelector(query['fieldSelector'], kind);
  const from = placeOf(query['continue']);
  const version = from?.version ?? core.storage.version;
  const stored = from === undefined ? core.storage.list(kind) : pastObjects(core.storage, kind, version);
  const objects = [...stored]
    .filter(([, object]) => info.namespace === undefined || object.metadata.namespace === info.namespace)
    .filter(([, object]) => byLabels(object) && byFields(object))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const page = pageOf(objects, Number(query['limit'] ?? 0), { version, after: from?.after });
  return representList(kind, page, representationOf(request), { now: clock.now(), version: String(version) });
}

function pastObjects(storage: Storage, kind: Kind, version: number): Iterable<Entry> {
  try {
    return storage.listAt(kind, version);
  } catch (error) {
    if (error instanceof StatusError && error.reason === 'Expired') {
      // Where it can, a real server gives a token for the rest as it is now along; these are its words where it cannot.
      const what = 'The provided continue parameter is too old to display a consistent list result.';
      throw refuse('Expired', `${what} You must start a new list without the continue parameter.`);
    }
    throw error;
  }
}

type Entry = readonly [key: string, object: Page['objects'][number]];

/** Where a list goes on. */
interface Place {
  readonly version: number;
  /** The key of the last object that was sent. */
  readonly after: string | undefined;
}

function pageOf(entries: readonly Entry[], limit: number, { version, after }: Place): Page {
  const rest = after === undefined ? entries : entries.filter(([key]) => key > after);
  if (limit <= 0 || rest.length <= limit) {
    return { objects: rest.map(([, object]) => object) };
  }
  const page = rest.slice(0, limit);
  return {
    objects: page.map(([, object]) => object),
    continue: Buffer.from(JSON.stringify([version, page.at(-1)?.[0]])).toString('base64url'),
    remaining: rest.length - limit,
  };
}

/** Of a `continue` token. @throws StatusError BadRequest for one that this server has not made */
function placeOf(token: string | undefined): Place | undefined {
  if (token === undefined || token === '') {
    return undefined;
  }
  const [version, after] = tryParseList(Buffer.from(token, 'base64url').toString('utf8')) ?? [];
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 0 || typeof after !== 'string') {
    throw refuse('BadRequest', 'continue key is not valid');
  }
  return { version, after };
}

function tryParseList(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
