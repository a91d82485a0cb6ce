import { relative } from 'node:path';
import type { ReadyFile } from '../launch/ready-file.ts';

export interface BannerContext {
  readonly cwd: string;
  /** Since the process began, in milliseconds. */
  readonly startedMs: number;
  /** `NAME.NAMESPACE` of a function there is; undefined in a cluster without any. */
  readonly functionHost: string | undefined;
}

/** What `npm run kubectl` speaks to, as seen from the project's folder. */
const usualKubeconfig = '.flint/kubeconfig';

/** What somebody who just started Flint wants to know: where things are, and two lines to try. */
export function renderBanner(ready: ReadyFile, { cwd, startedMs, functionHost }: BannerContext): string {
  const port = new URL(ready.url).port;
  const url = `http://${functionHost ?? 'NAME.NAMESPACE'}.${ready.domains[0] ?? 'localhost'}:${port}`;
  const inFolder = relative(cwd, ready.kubeconfig);
  const kubeconfig = inFolder.startsWith('..') ? ready.kubeconfig : inFolder;
  const own = `kubectl --kubeconfig ${kubeconfig}`;
  const isUsual = kubeconfig === usualKubeconfig;
  const call = functionHost === undefined ? `${own} apply -f examples/hello.yaml` : `curl '${url}/?name=you'`;
  const look = isUsual
    ? `npm run -s kubectl -- get functions,pods          (or ${own} …)`
    : `${own} get functions,pods`;
  return `
Flint is ready (${(startedMs / 1000).toFixed(1)} s). Ctrl-C ends it.

  functions   ${url}
  cluster     ${ready.apiUrl}   kubeconfig: ${kubeconfig}

Try:

  ${call}
  ${look}
`;
}
