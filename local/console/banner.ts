import { relative } from 'node:path';
import type { ReadyFile } from '../launch/ready-file.ts';

export interface BannerContext {
  readonly cwd: string;
  /** Since the process began, in milliseconds. */
  readonly startedMs: number;
}

/** What somebody who just started Flint wants to know: where things are, and two lines to try. */
export function renderBanner(ready: ReadyFile, { cwd, startedMs }: BannerContext): string {
  const port = new URL(ready.url).port;
  const url = `http://hello.default.${ready.domains[0] ?? 'localhost'}:${port}`;
  const inFolder = relative(cwd, ready.kubeconfig);
  const kubeconfig = inFolder.startsWith('..') ? ready.kubeconfig : inFolder;
  return `
Flint is ready (${(startedMs / 1000).toFixed(1)} s). Ctrl-C ends it.

  functions   ${url}
  cluster     ${ready.apiUrl}   kubeconfig: ${kubeconfig}

Try:

  curl '${url}/?name=you'
  npm run -s kubectl -- get functions,pods          (or kubectl --kubeconfig ${kubeconfig} …)
`;
}
