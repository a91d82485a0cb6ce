/** `npm run -s kubectl -- get functions`: the bundled kubectl, pointed at the cluster of `npm start`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { extractTool, ToolMissingError } from './extract.ts';

const project = resolve(dirname(import.meta.filename), '../..');

try {
  const kubectl = await extractTool('kubectl', { project, tools: join(project, '.tools') });
  const kubeconfig = join(project, '.flint/kubeconfig');
  const env = { ...process.env };
  if (env['KUBECONFIG'] === undefined && existsSync(kubeconfig)) {
    env['KUBECONFIG'] = kubeconfig;
  }
  // kubectl does its own Ctrl-C; this process only waits for it.
  process.on('SIGINT', () => undefined);
  const child = spawn(kubectl, process.argv.slice(2), { stdio: 'inherit', env });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
} catch (error) {
  if (!(error instanceof ToolMissingError)) {
    throw error;
  }
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
