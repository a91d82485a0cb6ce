import { readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/clock.ts';
import type { ConfigMap, Pod } from '../../lib/kube/objects.ts';
import { configMaps, pods, secrets } from '../../lib/kube/resources.ts';
import { nodes, type Secret } from '../controllers/resources.ts';
import { aPod, aPodSpec } from '../controllers/testing/builders.ts';
import { ClusterHarness } from '../controllers/testing/cluster-harness.ts';
import { endLeftovers, markProcess } from './leftovers.ts';
import type { Container } from './mounts.ts';

/** Programs that stand for images; each is one line of JavaScript. */
const programs = {
  server: `require('net').createServer((s) => s.end()).listen(Number(process.env.PORT), '127.0.0.1')`,
  print: `console.log(JSON.stringify({ env: process.env, cwd: process.cwd(), args: process.argv.slice(1) })); setInterval(() => {}, 1e6)`,
  show: `console.log(require('fs').readFileSync(process.argv[1], 'utf8')); setInterval(() => {}, 1e6)`,
  fail: `console.error('it broke'); process.exit(65)`,
  explain: `require('fs').writeFileSync(process.env.WHY, 'no handler'); process.exit(66)`,
  succeed: `console.log('done')`,
  stubborn: `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6); console.log('up')`,
  polite: `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e6); console.log('up')`,
  parent: `const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(()=>{},1e6)']); console.log(c.pid); setInterval(() => {}, 1e6)`,
  abandon: `const c = require('child_process').spawn('sleep', ['60'], { stdio: 'ignore' }); require('fs').writeFileSync(process.env.WHY, String(c.pid)); process.exit(0)`,
  counting: `process.on('SIGTERM', () => console.log('term')); setInterval(() => {}, 1e6); console.log('up')`,
  greedy: `const all = []; setInterval(() => all.push(Buffer.alloc(2e7, 1)), 20)`,
  ticker: `let n = 0; setInterval(() => console.log('tick ' + n++), 20)`,
};

let cluster: ClusterHarness;
afterEach(() => cluster.stop());

async function start(): Promise<void> {
  const images = Object.entries(programs).map(([name, script]) => [
    name,
    { command: [process.execPath, '-e', script], isNode: true },
  ]);
  cluster = await ClusterHarness.start({ images: Object.fromEntries(images) as Record<string, { command: string[] }> });
  await cluster.until('the node is there', async () => {
    const node = await cluster.client.get(nodes, { name: 'node-1' }).catch(() => undefined);
    return node?.status?.allocatable !== undefined;
  });
}

/** @returns the pod as it was created, ports and all */
async function run(image: string, container: Partial<Container> = {}, spec: Partial<Pod['spec']> = {}): Promise<Pod> {
  await start();
  return cluster.create(pods, aPod('p', aPodSpec({ image, ...container }, spec)));
}

async function read(): Promise<Pod> {
  return cluster.client.get(pods, { namespace: 'default', name: 'p' });
}

type Status = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number];

async function statusOf(): Promise<Status | undefined> {
  return (await read()).status?.containerStatuses?.[0];
}

function untilStatus(what: string, isSo: (status: Status) => boolean): Promise<Status> {
  return cluster.until(what, async () => {
    const status = await statusOf();
    return status !== undefined && isSo(status) ? status : undefined;
  });
}

function untilRunning(): Promise<Status> {
  return untilStatus('it runs', ({ state }) => state?.running !== undefined);
}

async function logOf(options: { previous?: boolean; follow?: boolean } = {}): Promise<string> {
  const all = { follow: false, previous: false, timestamps: false, ...options };
  let text = '';
  for await (const chunk of cluster.embeddedNode.logs.open(await read(), 'main', all, new AbortController().signal)) {
    text += Buffer.from(chunk).toString();
  }
  return text;
}

function untilLog(isSo: (text: string) => boolean): Promise<string> {
  return cluster.until('it prints', async () => {
    const text = await logOf().catch(() => '');
    return isSo(text) ? text : undefined;
  });
}

function isGone(): Promise<boolean> {
  return read().then(
    () => false,
    () => true,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie that nobody has reaped yet is dead enough.
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function aConfigMap(name: string, data: Record<string, string>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}

function pidOf(status: Status): number {
  return Number(status.containerID?.replace('process://', ''));
}

describe('a pod on the node', () => {
  it('gets a port, listens on it, and becomes Ready when it does', async () => {
    const created = await run('server', {
      ports: [{ name: 'http', containerPort: 8080 }],
      env: [{ name: 'PORT', value: '8080' }],
      readinessProbe: { tcpSocket: { port: 'http' }, periodSeconds: 1 },
    });
    const port = created.spec.containers[0]?.ports?.[0]?.containerPort ?? 0;
    expect(port).not.toBe(8080);
    await untilStatus('it is ready', ({ ready }) => ready);
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    const { status } = await read();
    expect(status).toMatchObject({ phase: 'Running', podIP: '127.0.0.1' });
    expect(cluster.events.events.map(({ reason }) => reason)).toEqual(['Scheduled', 'Pulled', 'Created', 'Started']);
  });

  it('has an environment, a folder and a heap of its own, and nothing else of the machine', async () => {
    await run('print', {
      args: ['$(GREETING)'],
      env: [{ name: 'GREETING', value: 'hi' }],
      resources: { limits: { memory: '128Mi' } },
    });
    const text = await untilLog((all) => all.endsWith('\n'));
    const seen = JSON.parse(text) as { env: Record<string, string>; cwd: string; args: string[] };
    expect(Object.keys(seen.env).sort()).toEqual([
      'GREETING',
      'HOME',
      'HOSTNAME',
      'NODE_COMPILE_CACHE',
      'NODE_OPTIONS',
      'PATH',
      'TMPDIR',
    ]);
    expect(seen.env).toMatchObject({ HOSTNAME: 'p', NODE_OPTIONS: '--max-old-space-size=96' });
    expect(seen.cwd.startsWith(cluster.dataDir)).toBe(true);
    expect(seen.args).toEqual(['hi']);
  });

  it('finds its volumes at the paths it was told', async () => {
    await start();
    const volumes = [{ name: 'code', configMap: { name: 'code' } }];
    const container = {
      image: 'show',
      args: ['/flint/code/hello.txt'],
      volumeMounts: [{ name: 'code', mountPath: '/flint/code' }],
    };
    await cluster.create(configMaps, aConfigMap('code', { 'hello.txt': 'from a volume' }));
    await cluster.create(pods, aPod('p', aPodSpec(container, { volumes })));
    await untilRunning();
    expect(await untilLog((all) => all !== '')).toBe('from a volume\n');
  });

  it('is warned of a volume whose path nothing tells it, and of no other', async () => {
    await start();
    const volumes = [
      { name: 'told', emptyDir: {} },
      { name: 'secret', configMap: { name: 'code' } },
      { name: 'scratch', emptyDir: {} },
    ];
    const container = {
      image: 'polite',
      env: [{ name: 'FILE', value: '/told/file' }],
      volumeMounts: [
        { name: 'told', mountPath: '/told' },
        { name: 'secret', mountPath: '/secret' },
        { name: 'scratch', mountPath: tmpdir() },
      ],
    };
    await cluster.create(configMaps, aConfigMap('code', {}));
    await cluster.create(pods, aPod('p', aPodSpec(container, { volumes })));
    await untilRunning();
    expect(cluster.events.notes('MountNotVisible')).toEqual([
      expect.stringMatching(/^the volume "secret" is not at \/secret: .*Put \/secret into a variable of env/u),
    ]);
  });

  it('waits for a ConfigMap volume, says so, and starts when it comes', async () => {
    await run(
      'show',
      { args: ['/v/a'], volumeMounts: [{ name: 'v', mountPath: '/v' }] },
      { volumes: [{ name: 'v', configMap: { name: 'late' } }] },
    );
    await untilStatus('it waits', ({ state }) => state?.waiting?.reason === 'ContainerCreating');
    expect(cluster.events.notes('FailedMount')).toEqual([
      'MountVolume.SetUp failed for volume "v" : configmap "late" not found',
    ]);
    await cluster.create(configMaps, aConfigMap('late', { a: 'b' }));
    await untilRunning();
  });

  it('waits for a Secret in its environment, says so, and starts when it comes', async () => {
    await run('polite', { env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'late', key: 'k' } } }] });
    const waiting = await untilStatus(
      'it waits',
      ({ state }) => state?.waiting?.reason === 'CreateContainerConfigError',
    );
    expect(waiting.state?.waiting?.message).toBe('secret "late" not found');
    const secret: Secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'late', namespace: 'default' },
      data: { k: 'dg==' },
    };
    await cluster.create(secrets, secret);
    await untilRunning();
  });

  it('with an image that there is no program for says so', async () => {
    await run('nginx');
    const status = await untilStatus('it is refused', ({ state }) => state?.waiting !== undefined);
    expect(status.state?.waiting).toMatchObject({
      reason: 'ErrImagePull',
      message: expect.stringContaining('"nginx": not found') as string,
    });
    await cluster.client.delete(pods, { namespace: 'default', name: 'p' });
    await cluster.until('it is gone', isGone);
  });

  it('that crashes is started again at once, then later, and tells why from its last lines', async () => {
    await run('fail', { terminationMessagePolicy: 'FallbackToLogsOnError' });
    const status = await untilStatus('it backs off', ({ state }) => state?.waiting?.reason === 'CrashLoopBackOff');
    expect(status.restartCount).toBe(1);
    expect(status.state?.waiting?.message).toMatch(/^back-off 10s restarting failed container=main pod=p_default\(/u);
    expect(status.lastState?.terminated).toMatchObject({ exitCode: 65, reason: 'Error', message: 'it broke\n' });
    expect(await logOf({ previous: true })).toBe('it broke\n');
  });

  it('tells why it ended by its termination log', async () => {
    await run('explain', { env: [{ name: 'WHY', value: '/dev/termination-log' }] }, { restartPolicy: 'Never' });
    const status = await untilStatus('it ends', ({ state }) => state?.terminated !== undefined);
    expect(status.state?.terminated).toMatchObject({ exitCode: 66, message: 'no handler' });
    expect((await read()).status?.phase).toBe('Failed');
  });

  it('that is done is Succeeded when it is not to be restarted', async () => {
    await run('succeed', {}, { restartPolicy: 'Never' });
    await cluster.until('it is done', async () => (await read()).status?.phase === 'Succeeded');
    expect((await statusOf())?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(await logOf()).toBe('done\n');
  });

  it('with a program that is not there says so instead of running', async () => {
    await run('succeed', { command: ['/no/such/program'] }, { restartPolicy: 'Never' });
    const status = await untilStatus('it fails', ({ state }) => state?.terminated !== undefined);
    expect(status.state?.terminated).toMatchObject({
      exitCode: 128,
      reason: 'ContainerCannotRun',
      message: expect.stringContaining('/no/such/program') as string,
    });
  });

  it('runs its init containers before, one after another', async () => {
    const spec = {
      initContainers: [
        { name: 'first', image: 'succeed' },
        { name: 'second', image: 'succeed' },
      ],
    };
    await run('polite', {}, spec);
    await untilRunning();
    const { status } = await read();
    expect(status?.initContainerStatuses?.map(({ state }) => state?.terminated?.exitCode)).toEqual([0, 0]);
  });

  it('that outgrows its memory limit is killed and says OOMKilled', async () => {
    await run('greedy', { resources: { limits: { memory: '150Mi' } } }, { restartPolicy: 'Never' });
    const status = await untilStatus('it is killed', ({ state }) => state?.terminated !== undefined);
    expect(status.state?.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });
});

describe('the end of a pod', () => {
  it('is asked for politely, and then nothing is left of it', async () => {
    await run('polite');
    const pid = pidOf(await untilRunning());
    await untilLog((all) => all === 'up\n');
    await cluster.client.delete(pods, { namespace: 'default', name: 'p' });
    await cluster.until('it is gone', isGone);
    expect(isAlive(pid)).toBe(false);
    await cluster.until('its folder is gone', async () => (await readdir(join(cluster.dataDir, 'pods'))).length === 0);
    expect(cluster.events.notes('Killing')).toEqual(['Stopping container main']);
  });

  it('is told to a server that first refuses to hear of it', async () => {
    await run('polite');
    await untilRunning();
    const remove = cluster.client.delete.bind(cluster.client);
    await remove(pods, { namespace: 'default', name: 'p' });
    let refusals = 2;
    cluster.client.delete = (...args) => {
      refusals -= 1;
      return refusals >= 0 ? Promise.reject(new Error('reset')) : remove(...args);
    };
    await cluster.until('it is gone', isGone);
    expect(refusals).toBe(-1);
  });

  it('comes by force after the grace', async () => {
    await run('counting', {}, { terminationGracePeriodSeconds: 3 });
    const pid = pidOf(await untilRunning());
    await untilLog((all) => all === 'up\n');
    await cluster.client.delete(pods, { namespace: 'default', name: 'p' });
    // It was asked, and goes on.
    await untilLog((all) => all === 'up\nterm\n');
    expect(isAlive(pid)).toBe(true);
    await cluster.until('it is gone', isGone);
    expect(isAlive(pid)).toBe(false);
  });

  it('comes at once when no grace is given', async () => {
    await run('stubborn', {}, { terminationGracePeriodSeconds: 600 });
    const pid = pidOf(await untilRunning());
    await untilLog((all) => all === 'up\n');
    await cluster.client.delete(pods, { namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 });
    await cluster.until('the process is dead', () => Promise.resolve(!isAlive(pid)));
  });

  it('takes the children of its process with it', async () => {
    await run('parent', {}, { terminationGracePeriodSeconds: 1 });
    await untilRunning();
    const child = Number(await untilLog((all) => /^[0-9]+\n/u.test(all)));
    expect(isAlive(child)).toBe(true);
    await cluster.client.delete(pods, { namespace: 'default', name: 'p' });
    await cluster.until('it is gone', isGone);
    await cluster.until('its child is dead', () => Promise.resolve(!isAlive(child)));
  });

  it('that ends by itself leaves none of its children', async () => {
    await run('abandon', { env: [{ name: 'WHY', value: '/dev/termination-log' }] }, { restartPolicy: 'Never' });
    const status = await untilStatus('it ends', ({ state }) => state?.terminated !== undefined);
    const child = Number(status.state?.terminated?.message);
    expect(child).toBeGreaterThan(1);
    await cluster.until('its child is dead', () => Promise.resolve(!isAlive(child)));
  });

  it('is asked for once, whatever else changes meanwhile', async () => {
    await run('counting', {}, { terminationGracePeriodSeconds: 600 });
    await untilRunning();
    await untilLog((all) => all === 'up\n');
    await cluster.client.delete(pods, { namespace: 'default', name: 'p' });
    await untilLog((all) => all.includes('term'));
    const name = { namespace: 'default', name: 'p' };
    await cluster.client.mergePatch(pods, name, { metadata: { annotations: { a: 'b' } } }, { fieldManager: 'test' });
    await systemClock.sleep(100);
    expect(await logOf()).toBe('up\nterm\n');
    await cluster.client.delete(pods, name, { gracePeriodSeconds: 0 });
  });

  it('ends whoever follows its log', async () => {
    await run('ticker');
    await untilLog((all) => all.includes('tick 1'));
    const following = logOf({ follow: true });
    await cluster.client.delete(pods, { namespace: 'default', name: 'p' });
    expect(await following).toContain('tick 0\ntick 1\n');
  });
});

describe('the node', () => {
  it('leaves no process behind when it stops', async () => {
    await run('polite');
    const pid = pidOf(await untilRunning());
    await cluster.stop();
    expect(isAlive(pid)).toBe(false);
    await start();
  });

  it('ends at once when it is stopped before it began', async () => {
    const early = await ClusterHarness.start();
    await early.stop();
    await start();
  });

  it('ends what a run that crashed left behind, and nobody who has its process id now', async () => {
    await start();
    const folder = join(cluster.dataDir, 'leftovers');
    const mine = spawn('sleep', ['60'], { detached: true });
    const other = spawn('sleep', ['60'], { detached: true });
    const [minePid = 0, otherPid = 0] = [mine.pid, other.pid];
    await mkdir(join(folder, 'uid-1', 'main'), { recursive: true });
    await mkdir(join(folder, 'uid-2', 'main'), { recursive: true });
    await markProcess(join(folder, 'uid-1', 'main'), minePid);
    await writeFile(join(folder, 'uid-2', 'main', 'pid'), JSON.stringify({ pid: otherPid, startedAt: '1' }));
    const died = once(mine, 'exit');
    expect(await endLeftovers(folder, systemClock)).toBe(1);
    await died;
    expect(isAlive(otherPid)).toBe(true);
    other.kill();
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses logs of what has not run, as a server does', async () => {
    await run('nginx');
    await untilStatus('it waits', ({ state }) => state?.waiting?.reason === 'ErrImagePull');
    await expect(logOf()).rejects.toThrow('container "main" in pod "p" is waiting to start: ErrImagePull');
  });
});
