import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { dump } from 'js-yaml';
import { expect } from 'vitest';
import { systemClock } from '../lib/clock.ts';
import { reservePort } from '../local/launch/ports.ts';
import { endLeftovers } from '../local/node/leftovers.ts';
import { localIt } from './framework/current-target.ts';
import { send } from './framework/http.ts';
import { Kubectl } from './framework/kubectl.ts';
import { project, startLocalFlint } from './framework/local-target.ts';
import { functionManifest, greeting } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { isAlive, processesOf } from './framework/processes.ts';
import { Steps } from './framework/steps.ts';

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

localIt('npm start serves the example, and Ctrl-C leaves no process behind', async () => {
  const flint = await startLocalFlint();
  const answer = await send(flint.target.endpoint, 'hello.default.localhost', { path: '/?name=you' });
  expect(answer.text).toBe('hello you\n');
  await flint.stop();
  expect(Object.values(flint.ready.processes).filter(isAlive)).toEqual([]);
});

localIt('what runs is what the chart installs, and a component that dies is told of and comes back', async () => {
  const flint = await startLocalFlint();
  const kubectl = new Kubectl(flint.target, 'flint-system');
  const printed: string[] = [];
  flint.child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  // Exits with 1 for an object that is not there.
  const installed = await kubectl.run('get', `--kustomize=${join(project, 'deploy/kustomize')}`, '--output=name');
  expect(installed).toContain('deployment.apps/flint-operator\n');
  expect(installed).toContain('validatingadmissionpolicy.admissionregistration.k8s.io/flint-activator\n');
  process.kill(flint.ready.processes.operator, 'SIGKILL');
  await eventually('the terminal tells of it', () =>
    Promise.resolve(/the operator ended \(signal 9\).* --previous/u.test(printed.join('')) || undefined),
  );
  await kubectl.run('rollout', 'status', 'deployment/flint-operator', '--timeout=90s');
  await kubectl.apply(functionManifest('after', greeting('after'), { scaling: { initialReplicas: 0 } }));
  const answer = await eventually('the new function answers', async () => {
    const { status, text } = await send(flint.target.endpoint, 'after.flint-system.localhost', {});
    return status === 200 ? text : undefined;
  });
  expect(answer).toBe('after');
  await flint.stop();
});

localIt('CommonJS runs although the data folder lies in a project of ES modules', async () => {
  const dataDir = join(project, '.flint/commonjs');
  const flint = await startLocalFlint(`--data=${dataDir}`);
  const kubectl = new Kubectl(flint.target, 'default');
  const files = {
    'index.js': "module.exports = () => new Response(require('./b.js').text);",
    'b.js': "exports.text = 'b';",
  };
  await kubectl.apply(dump({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'code' }, data: files }));
  await kubectl.apply(functionManifest('commonjs', '', { source: { configMap: { name: 'code' } } }));
  await new Steps(flint.target, 'default').untilAnswers('commonjs', 'b');
  await flint.stop();
  await rm(dataDir, { recursive: true });
});

localIt('npm start on a busy port says which one and how to choose another', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, stderr } = await run('local/main.ts', `--port=${port}`, '--api-port=0', '--data=.flint/busy');
  expect(code).toBe(1);
  expect(stderr).toContain(`port ${port} for functions is busy`);
  expect(stderr).toContain(`--port ${port + 1}`);
  server.close();
});

localIt(
  'npm start names a manifest that is not there, or that the cluster refuses, and leaves no process behind',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'flint-refused-'));
    const apply = async (file: string): Promise<string> => {
      const { code, stderr } = await run(
        'local/main.ts',
        '--port=0',
        '--api-port=0',
        `--data=${folder}/data`,
        `--apply=${file}`,
      );
      expect(code).toBe(1);
      return stderr;
    };
    const absent = join(folder, 'absent.yaml');
    expect(await apply(absent)).toMatch(new RegExp(`^cannot read the manifest ${absent}: ENOENT.*\n$`, 'u'));
    const refused = join(folder, 'refused.yaml');
    await writeFile(refused, functionManifest('refused', '').replace('runtime:', 'runtim:'));
    expect(await apply(refused)).toMatch(/^Function 'refused' is refused: .*spec\.runtim.*\n$/u);
    expect(await endLeftovers(join(folder, 'data/pods'), systemClock)).toBe(0);
    await rm(folder, { recursive: true });
  },
);

localIt('Ctrl-C while npm start still starts leaves no process behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flint-interrupted-'));
  const args = ['local/main.ts', '--port=0', '--api-port=0', `--data=${folder}`];
  const child = spawn(process.execPath, args, { cwd: project, stdio: 'ignore' });
  const started = await eventually('it has started the components', async () => {
    const found = await processesOf(child.pid ?? 0);
    return found.length >= 3 ? found : undefined;
  });
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(started.filter(isAlive)).toEqual([]);
  await rm(folder, { recursive: true });
});

localIt('a killed Flint is no obstacle to the next one on its folder and ports', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flint-killed-'));
  const port = await reservePort(0, '--port', 'functions');
  const args = ['local/main.ts', `--port=${port}`, '--api-port=0', `--data=${folder}`, '--quiet'];
  const ready = async (child: ChildProcess): Promise<string> => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return eventually('it is ready', () =>
      output.includes('Flint is ready') || child.exitCode !== null ? output : undefined,
    );
  };
  const killed = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
  await ready(killed);
  const second = await run(...args);
  expect(second).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`(process ${killed.pid ?? 0}, as `) as string,
  });
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const next = spawn(process.execPath, args, { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] });
  expect(await ready(next)).toContain('Flint is ready');
  const started = await processesOf(next.pid ?? 0);
  // The terminal closes: nobody reads any more, and the signal comes.
  next.stdout.destroy();
  next.stderr.destroy();
  next.kill('SIGHUP');
  expect(await once(next, 'exit')).toEqual([0, null]);
  expect(started.filter(isAlive)).toEqual([]);
  await rm(folder, { recursive: true });
});

localIt('npm start --help explains itself; a wrong flag exits with 64', async () => {
  expect((await run('local/main.ts', '--help')).stdout).toContain('--data DIR');
  expect((await run('local/main.ts', '--prot=1')).code).toBe(64);
});

localIt('npm run demo takes no arguments', async () => {
  const { code, stderr } = await run('local/demo/main.ts', '--fast');
  expect({ code, stderr }).toEqual({
    code: 64,
    stderr: "npm run demo takes no arguments, and has '--fast'; npm start takes some\n",
  });
});

localIt('npm run demo tells its story and exits with 0', async () => {
  const { code, stdout, stderr } = await run('local/demo/main.ts');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('hello from zero');
  expect(stdout).toContain('CodeDidNotLoad: SyntaxError');
  expect(stdout).toContain('back at 0 replicas');
});
