import { AppError } from '../errors.ts';
import { type RawHeaders, valuesOf } from './headers.ts';

/** What a request is addressed to. */
export interface RequestTarget {
  /** With its port, as the client wrote it. */
  readonly host: string;
  /** Path and query, or `*`. */
  readonly path: string;
}

const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/iu;
/** A name or address with an optional port. Anything else is nothing that may be repeated to a function. */
const hostPattern = /^(?:[\w!$&'()*+,;=~.%-]+|\[[0-9a-f:.]+\])(?::[0-9]{0,5})?$/iu;

/**
 * RFC 9112, 3.2: the authority of an absolute target wins over `Host`.
 * @throws AppError BadRequest where two readers could understand different hosts.
 */
export function parseTarget(url: string, headers: RawHeaders): RequestTarget {
  const hosts = valuesOf(headers, 'host');
  if (hosts.length !== 1) {
    throw new AppError('BadRequest', `the request has ${hosts.length === 0 ? 'no' : 'more than one'} Host header`);
  }
  const target = splitUrl(url, hosts[0] ?? '');
  if (!hostPattern.test(target.host)) {
    throw new AppError('BadRequest', 'the Host header is not a host');
  }
  if (!target.path.startsWith('/') && target.path !== '*') {
    throw new AppError('BadRequest', 'the request target is neither a path nor an http URL');
  }
  return target;
}

function splitUrl(url: string, host: string): RequestTarget {
  const [, authority, rest = ''] = url.startsWith('/') ? [] : (absoluteForm.exec(url) ?? []);
  return authority === undefined
    ? { host, path: url }
    : { host: authority, path: rest.startsWith('/') ? rest : `/${rest}` };
}
