import { dirname, join } from 'node:path';
import { loadAll } from 'js-yaml';
import { runCommand, type RunOptions } from '../../images/run-command.ts';
import { extractTool } from '../../local/kubectl/extract.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';

export const project = dirname(dirname(import.meta.dirname));
export const chart = join(project, 'charts/flint');

export type Values = Readonly<Record<string, unknown>>;

/** An object of the chart with what tests read of it. */
export type Rendered = KubeObject & Record<string, unknown>;

/** Standard output of helm. @throws CommandError with what it said */
export async function helm(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const program = await extractTool('helm', { project, tools: join(project, '.tools') });
  return runCommand(program, args, options);
}

/** What an installation with these values consists of, as text. @throws Error when Helm refuses them */
export function renderText(values: Values = {}): Promise<string> {
  const args = ['template', 'flint', chart, '--namespace=flint-system', '--kube-version=1.37.0', '--values=-'];
  return helm(args, { input: JSON.stringify(values) });
}

export async function render(values: Values = {}): Promise<Rendered[]> {
  const documents = loadAll(await renderText(values)) as (Rendered | null)[];
  return documents.filter((document) => document !== null);
}

/** @throws Error when there is no such object */
export function find(objects: readonly Rendered[], kind: string, name: string): Rendered {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) {
    throw new Error(`there is no ${kind} ${name}`);
  }
  return found;
}
