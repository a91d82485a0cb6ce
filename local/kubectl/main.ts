/** `npm run -s kubectl -- get functions`: the bundled kubectl, pointed at the cluster of `npm start`, or at that of `KUBECONFIG` when it is set. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { ConfigError } from '../../lib/errors.ts';
import { tryFindOwner } from '../launch/lock.ts';
import { chooseCluster, explainSilence } from './choose-cluster.ts';
import { extractTool, ToolMissingError } from './extract.ts';

const project = resolve(dirname(import.meta.filename), '../..');
const own = join(project, '.flint/kubeconfig');

/** What may not be looked at is another user's, and not what is meant. */
async function isInUse(dataDir: string): Promise<boolean> {
  return (await tryFindOwner(dataDir).catch(() => undefined)) !== undefined;
}

async function tryFindDev(): Promise<string | undefined> {
  const folder = join(project, '.flint/dev');
  return (await isInUse(folder)) ? relative(project, join(folder, 'kubeconfig')) : undefined;
}

try {
  const kubectl = await extractTool('kubectl', { project, tools: join(project, '.tools') });
  const args = process.argv.slice(2);
  const { kubeconfig, notice } = chooseCluster({
    args,
    set: process.env['KUBECONFIG'],
    own: existsSync(own) ? own : undefined,
    dev: await tryFindDev(),
  });
  if (notice !== undefined) {
    process.stderr.write(`${notice}\n`);
  }
  const env = { ...process.env, ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }) };
  // kubectl does its own Ctrl-C; this process only waits for it.
  process.on('SIGINT', () => undefined);
  const child = spawn(kubectl, args, { stdio: 'inherit', env });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
  // After kubectl's own words: it does without a cluster for some of what it is asked.
  if (code !== 0 && kubeconfig === own && !(await isInUse(dirname(own)))) {
    process.stderr.write(`${explainSilence(await tryFindDev())}\n`);
  }
} catch (error) {
  if (!(error instanceof ToolMissingError || error instanceof ConfigError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
