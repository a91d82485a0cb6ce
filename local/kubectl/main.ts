/** `npm run -s kubectl -- get functions`: the bundled kubectl, pointed at the cluster of `npm start`, or at that of `KUBECONFIG` when it is set. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from '../../lib/errors.ts';
import { chooseCluster } from './choose-cluster.ts';
import { extractTool, ToolMissingError } from './extract.ts';

const project = resolve(dirname(import.meta.filename), '../..');

try {
  const kubectl = await extractTool('kubectl', { project, tools: join(project, '.tools') });
  const own = join(project, '.flint/kubeconfig');
  const args = process.argv.slice(2);
  const { kubeconfig, notice } = chooseCluster({
    args,
    set: process.env['KUBECONFIG'],
    own: existsSync(own) ? own : undefined,
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
} catch (error) {
  if (!(error instanceof ToolMissingError || error instanceof ConfigError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
