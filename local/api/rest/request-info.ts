/** What a path of the Kubernetes API is about. */
export interface RequestInfo {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** `/api/v1/…` and `/apis/GROUP/VERSION/…`; undefined for any other path. */
export function parsePath(path: string): RequestInfo | undefined {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const [root, ...rest] = parts;
  if (root === 'api' && rest.length >= 2) {
    return parseRest({ group: '', version: rest[0] ?? '' }, rest.slice(1));
  }
  if (root === 'apis' && rest.length >= 3) {
    return parseRest({ group: rest[0] ?? '', version: rest[1] ?? '' }, rest.slice(2));
  }
  return undefined;
}

function parseRest(api: { readonly group: string; readonly version: string }, parts: readonly string[]): RequestInfo {
  const isScoped = parts[0] === 'namespaces' && parts.length >= 3 && !namespaceSubresources.has(parts[2] ?? '');
  const [plural = '', name, subresource] = isScoped ? parts.slice(2) : parts;
  return {
    ...api,
    plural,
    ...(isScoped ? { namespace: parts[1] ?? '' } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** `/api/v1/namespaces/NAME/status` is about the namespace itself. */
const namespaceSubresources = new Set(['status', 'finalize']);
