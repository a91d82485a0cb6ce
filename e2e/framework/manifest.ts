import { dump } from 'js-yaml';
import type { FunctionSpec } from '../../lib/api/function.ts';
import { apiVersion } from '../../lib/api/resources.ts';

/** A Function as YAML. Its scaling reacts in seconds, so that a story does not wait for the defaults. */
export function functionManifest(name: string, code: string, spec: Partial<FunctionSpec> = {}): string {
  return dump({
    apiVersion,
    kind: 'Function',
    metadata: { name },
    spec: {
      runtime: 'nodejs',
      source: { inline: code },
      ...spec,
      scaling: { idleTimeout: '1s', window: '6s', panicWindow: '2s', ...spec.scaling },
    },
  });
}

/** A ConfigMap as YAML. Nothing in it is empty: a server stores no empty map, and kubectl would apply it again and again. */
export function configMapManifest(name: string, data: Record<string, string>, labels?: Record<string, string>): string {
  const metadata = { name, ...(labels === undefined ? {} : { labels }) };
  return dump({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
}

/** Answers `TEXT` and the Pod's own name for itself. */
export function greeting(text: string): string {
  return `export default () => new Response(${JSON.stringify(text)});\n`;
}

/** Answers after \`?ms=\`, so that requests overlap. */
export const slowCode = `
export default async (request) => {
  const ms = Number(new URL(request.url).searchParams.get('ms') ?? '100');
  await new Promise((resolve) => setTimeout(resolve, ms));
  return new Response('done');
};
`;
