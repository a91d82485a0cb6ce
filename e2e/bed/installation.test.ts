import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { extractTool } from '../../local/kubectl/extract.ts';
import { parseCommands } from '../framework/document.ts';
import { project } from '../framework/local-target.ts';
import { eventually } from '../framework/patience.ts';
import { down } from './down.ts';
import { loadFlintImages } from './flint-images.ts';
import { bedFolders, cacheFolder } from './folders.ts';
import { explainMissing, inspectMachine } from './prerequisites.ts';
import { up } from './up.ts';

/** The pages on installing, typed as they are by somebody who has a cluster. */

const missing = explainMissing(await inspectMachine(process.env));
const bedIt = it.skipIf(missing !== undefined);
const execute = promisify(execFile);
const cache = cacheFolder(process.env);
const minuteMs = 60_000;
let tools: string;

async function type(command: string): Promise<string> {
  const env = {
    ...process.env,
    PATH: [tools, process.env['PATH']].join(delimiter),
    KUBECONFIG: bedFolders(cache).kubeconfig,
  };
  return (await execute('bash', ['-c', command], { cwd: project, env })).stdout;
}

beforeAll(async () => {
  tools = await mkdtemp(join(tmpdir(), 'flint-tools-'));
  if (missing === undefined) {
    for (const tool of ['kubectl', 'helm'] as const) {
      await symlink(await extractTool(tool, { project, tools: join(project, '.tools') }), join(tools, tool));
    }
    await up({ cache, nodes: 1, say: () => undefined });
    await loadFlintImages({ project, cache, nodes: ['node-1'], say: () => undefined });
  }
}, 40 * minuteMs);

afterAll(async () => {
  await rm(tools, { recursive: true });
  if (missing === undefined) {
    await down(cache);
  }
}, 10 * minuteMs);

bedIt('every command of the page on Helm works, in the order of the page', { timeout: 10 * minuteMs }, async () => {
  const commands = parseCommands(await readFile(join(project, 'docs/how-to/install-with-helm.md'), 'utf8'));
  expect(commands.length).toBeGreaterThan(8);
  for (const command of commands) {
    await type(command);
  }
});

bedIt('removed, it leaves the CRDs and the namespace, and nothing else', { timeout: 10 * minuteMs }, async () => {
  const kinds = [
    'clusterroles',
    'clusterrolebindings',
    'validatingadmissionpolicies',
    'validatingadmissionpolicybindings',
  ];
  const find = `kubectl get ${kinds.join(',')} -o name; kubectl get all,roles,rolebindings,sa -n flint-system -o name`;
  // The activator takes its lame duck time even then.
  await eventually(
    'nothing is left',
    async () => {
      const left = (await type(find)).split('\n').filter((name) => name.includes('flint'));
      if (left.length > 0) {
        throw new Error(left.join(', '));
      }
      return true;
    },
    { withinMs: 5 * minuteMs },
  );
  expect(
    (await type('kubectl get crds -o name')).split('\n').filter((name) => name.includes('flint.dev')),
  ).toHaveLength(3);
});

bedIt(
  'without Helm: kustomize installs the same, and the README’s own line does',
  { timeout: 10 * minuteMs },
  async () => {
    await type('kubectl apply --server-side --force-conflicts -k deploy/kustomize');
    await type('kubectl rollout status deployment/flint-activator -n flint-system --timeout=60s');
    await type('kubectl rollout status deployment/flint-operator -n flint-system --timeout=60s');
    await type('kubectl delete -k deploy/kustomize --wait=true');
    const [install = ''] = parseCommands(await readFile(join(project, 'README.md'), 'utf8')).filter((line) =>
      line.startsWith('helm'),
    );
    await type(`${install} --wait`);
    expect(await type('kubectl get deployments -n flint-system')).toMatch(/flint-activator\s+1\/1/u);
  },
);
