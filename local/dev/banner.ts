import { relative } from 'node:path';

export interface BannerFacts {
  readonly functions: readonly { readonly name: string; readonly path: string }[];
  readonly port: string;
  /** As `npm run kubectl` finds it, which runs in the project's folder. */
  readonly kubeconfig: string;
  readonly cwd: string;
  /** Since the process began, in milliseconds. */
  readonly startedMs: number;
}

/** Where each function answers, and what is watched for it. */
export function renderBanner({ functions, port, kubeconfig, cwd, startedMs }: BannerFacts): string {
  const urls = functions.map(({ name }) => `http://${name}.default.localhost:${port}`);
  const width = Math.max(...urls.map((url) => url.length));
  const rows = functions.map(({ path }, index) => `  ${(urls[index] ?? '').padEnd(width)}   ${shorten(path, cwd)}`);
  return `
Flint serves what you save (${(startedMs / 1000).toFixed(1)} s). Ctrl-C ends it.

${rows.join('\n')}

  npm run -s kubectl -- --kubeconfig ${kubeconfig} get functions,pods
`;
}

/** Relative to where the user stands when it lies below; else in full. */
export function shorten(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return below.startsWith('..') || below === '' ? path : below;
}
