import { describe, expect, it } from 'vitest';
import { type CommandInput, makeCommand } from './command.ts';
import { makeMounts } from './mounts.ts';

const container = { name: 'main', volumeMounts: [{ name: 'code', mountPath: '/flint/code' }] };
const input: CommandInput = {
  container,
  image: { command: ['/bin/node', '/runtime/main.mjs'], isNode: true },
  own: { PORT: '20001', FLINT_CODE_PATH: '/flint/code', FLINT_TERMINATION_LOG: '/dev/termination-log' },
  base: { PATH: '/usr/bin' },
  hostname: 'hello-1',
  folders: { work: '/pods/1/work', temporary: '/pods/1/tmp', compileCache: '/cache' },
  mounts: makeMounts(container, { volumes: new Map([['code', '/volumes/abc']]), terminationLog: '/pods/1/log' }),
};

describe('the process of a container', () => {
  it('gets its own variables, paths on disk, and nothing of the machine but what it is given', () => {
    expect(makeCommand(input)).toMatchObject({
      command: ['/bin/node', '/runtime/main.mjs'],
      env: {
        PATH: '/usr/bin',
        HOME: '/pods/1/work',
        TMPDIR: '/pods/1/tmp',
        HOSTNAME: 'hello-1',
        NODE_COMPILE_CACHE: '/cache',
        PORT: '20001',
        FLINT_CODE_PATH: '/volumes/abc',
        FLINT_TERMINATION_LOG: '/pods/1/log',
      },
      folder: '/pods/1/work',
    });
  });

  it('is told where to listen by the names of its ports, whatever its own variables say', () => {
    const listening = { ...container, ports: [{ name: 'http', containerPort: 20_002 }, { containerPort: 20_003 }] };
    const image = { ...input.image, portVariables: { http: 'LISTEN_PORT', admin: 'ADMIN_PORT' } };
    const { env } = makeCommand({ ...input, container: listening, image, own: { LISTEN_PORT: '8080' } });
    expect(env).toMatchObject({ LISTEN_PORT: '20002' });
    expect(env).not.toHaveProperty('ADMIN_PORT');
  });

  it('gets arguments with variables and paths filled in', () => {
    const { command } = makeCommand({
      ...input,
      container: { ...container, args: ['--port=$(PORT)', '/flint/code/x'] },
    });
    expect(command.slice(2)).toEqual(['--port=20001', '/volumes/abc/x']);
  });

  it('replaces the entrypoint of the image by its own command', () => {
    const own = makeCommand({ ...input, container: { ...container, command: ['sleep'], args: ['5'] } });
    expect(own.command).toEqual(['sleep', '5']);
  });

  it('of Node has a heap of three quarters of its memory limit', () => {
    const limited = { ...container, resources: { limits: { memory: '256Mi' } } };
    expect(makeCommand({ ...input, container: limited }).env['NODE_OPTIONS']).toBe('--max-old-space-size=192');
    const other = makeCommand({ ...input, container: limited, image: { command: ['app'] } });
    expect(other.env['NODE_OPTIONS']).toBeUndefined();
  });

  it('of Node keeps a heap size that the user chose, and other options', () => {
    const limited = { ...container, resources: { limits: { memory: '256Mi' } } };
    const optionsWith = (own: string): string | undefined =>
      makeCommand({ ...input, container: limited, own: { NODE_OPTIONS: own } }).env['NODE_OPTIONS'];
    expect(optionsWith('--max-old-space-size=64')).toBe('--max-old-space-size=64');
    expect(optionsWith('--no-warnings')).toBe('--no-warnings --max-old-space-size=192');
  });

  it('runs in a working folder that is in a volume, and in its own otherwise', () => {
    expect(makeCommand({ ...input, container: { ...container, workingDir: '/flint/code' } }).folder).toBe(
      '/volumes/abc',
    );
    expect(makeCommand({ ...input, container: { ...container, workingDir: '/app' } }).folder).toBe('/pods/1/work');
  });

  it('keeps the paths of this machine where the container mounts something there', () => {
    const mounts = makeMounts(
      { name: 'main', volumeMounts: [{ name: 'scratch', mountPath: '/bin' }] },
      { volumes: new Map([['scratch', '/volumes/scratch']]), terminationLog: '/pods/1/log' },
    );
    const { command, env } = makeCommand({
      ...input,
      container: { ...container, args: ['/bin/own'] },
      base: { SHELL: '/bin/sh' },
      mounts,
    });
    expect(command).toEqual(['/bin/node', '/runtime/main.mjs', '/volumes/scratch/own']);
    expect(env).toMatchObject({ SHELL: '/bin/sh' });
  });
});
