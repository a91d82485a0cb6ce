import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect } from 'vitest';
import { localIt } from './framework/current-target.ts';
import { DevProcess } from './framework/dev-process.ts';
import { parseCommands } from './framework/document.ts';
import { type Answer, send } from './framework/http.ts';
import { project } from './framework/local-target.ts';
import { eventually } from './framework/patience.ts';
import { processesOf } from './framework/processes.ts';
import { tellStories } from './framework/story.ts';
import { Terminal } from './framework/terminal.ts';

const story = tellStories();
const execute = promisify(execFile);

let folder: string;
let dev: DevProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flint-code-'));
});

afterEach(async () => {
  await dev?.interrupt();
  dev = undefined;
  await rm(folder, { recursive: true });
});

async function write(name: string, ...lines: string[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

async function start(...args: string[]): Promise<DevProcess> {
  dev = await DevProcess.start(...args);
  return dev;
}

function call(name: string, path = '/'): Promise<Answer> {
  if (dev === undefined) {
    throw new Error('npm run dev is not running');
  }
  return send(dev.endpoint, `${name}.default.localhost`, { path });
}

/** The functions of a page answer on 8080. */
function onPort(text: string): string {
  return text.replace('8080', String(dev?.endpoint.port));
}

async function untilAnswer(name: string, text: string): Promise<void> {
  await eventually(`${name} answers ${text}`, async () => {
    const answer = await call(name);
    if (answer.text === text) {
      return true;
    }
    throw new Error(`${answer.status}: ${answer.text}`);
  });
}

localIt('a saved file answers anew; one that does not load says where, and the code from before goes on', async () => {
  const file = await write('hello.mjs', "export default () => new Response('one');");
  await start(file);
  expect((await call('hello')).text).toBe('one');

  await write('hello.mjs', "export default () => new Response('two');");
  await untilAnswer('hello', 'two');
  await dev?.untilSaid(/runs {4}hello {2}\([0-9]+ ms after the save\)/u);

  // As editors do: another file takes its place. The second line is the wrong one.
  await write('.hello.mjs.new', 'export default () =>', '  new Response(("three");');
  await rename(join(folder, '.hello.mjs.new'), file);
  await dev?.untilSaid(/failed {2}hello {2}CodeDidNotLoad: SyntaxError: .*hello\.mjs:2.*goes on serving/u);
  expect(dev?.output).toContain(`${file}:2`);
  expect((await call('hello')).text).toBe('two');

  await write('hello.mjs', 'export const wrong = 1;');
  await dev?.untilSaid(/failed {2}hello {2}HandlerNotFound: .*hello\.mjs has no default export/u);
  expect((await call('hello')).text).toBe('two');

  await write('words.mjs', "export const word = 'three';");
  await write('hello.mjs', "import './words.mjs';");
  await dev?.untilSaid(
    /module '\.\/words\.mjs' imported from .*hello\.mjs .*a file is served alone: serve its folder/u,
  );

  await write('hello.mjs', "export default () => new Response('repaired');");
  await untilAnswer('hello', 'repaired');
});

localIt('Ctrl-C leaves no process behind', async () => {
  const { pid } = await start(await write('hello.mjs', "export default () => new Response('one');"));
  // npm, the cluster, the operator, the activator and a replica; between the first two there may be a shell.
  expect((await processesOf(pid)).length).toBeGreaterThanOrEqual(5);
  await dev?.interrupt();
  expect(dev?.output.trimEnd().split('\n').at(-1)).toBe('stopping …');
  dev = undefined;
});

localIt('the terminal shows each request, what the functions log, and where they threw', async () => {
  const hello = await write(
    'hello.mjs',
    'export default (request) => {',
    "  console.log('asked for', new URL(request.url).pathname);",
    "  return request.url.endsWith('/boom') ? inner() : new Response('fine');",
    '};',
    'function inner() {',
    "  throw new TypeError('boom');",
    '}',
  );
  await mkdir(join(folder, 'greeting'));
  await write('greeting/words.mjs', "export const word = 'bonjour';");
  await write(
    'greeting/index.ts',
    "import { word } from './words.mjs';",
    'export default (): Response => new Response(`${word} ${process.env.WHO ?? ""}`);',
  );
  const env = await write('local.env', 'WHO=ada', 'PORT=3000');
  await start(hello, join(folder, 'greeting'), `--env-file=${env}`);

  expect((await call('hello', '/boom')).status).toBe(500);
  await dev?.untilSaid(/GET {4}hello\.default\.localhost\/boom {2}500 {2}[0-9.]+ ms/u);
  await dev?.untilSaid(/info {3}hello {2}asked for \/boom/u);
  await dev?.untilSaid(/error {2}hello {2}.*\n {4}TypeError: boom\n/u);
  await dev?.untilSaid(new RegExp(`at inner \\(${hello}:6:9\\)\n.*at default \\(${hello}:3:`, 'u'));
  expect(dev?.output).not.toContain('/volumes/');
  expect(dev?.output).toMatch(/left out of .*local\.env, since Flint sets it: PORT/u);

  expect((await call('greeting')).text).toBe('bonjour ada');
  await write('local.env', 'WHO=bob');
  await untilAnswer('greeting', 'bonjour bob');
  await write('greeting/words.mjs', "export const word = 'moin';");
  await untilAnswer('greeting', 'moin bob');
});

localIt('what --print prints is what kubectl applies', async () => {
  const files = [
    await write('printed.mjs', 'export default () => new Response(`printed ${process.env.WHO}`);'),
    await write('typed.ts', 'export default (): Response => new Response("typed");'),
  ];
  const env = await write('local.env', "WHO='$(HOME) is no reference'");
  const args = ['run', '--silent', 'dev', '--', ...files, '--env-file', env, '--print'];
  const { stdout } = await execute('npm', args, { cwd: project });
  await story.kubectl.apply(stdout);
  await story.untilReady('printed');
  await story.untilReady('typed');
  expect((await story.request('printed')).text).toBe('printed $(HOME) is no reference');
  expect((await story.request('typed')).text).toBe('typed');
});

localIt('npm run dev refuses what it cannot serve, all of it at once, with exit code 64', async () => {
  await write('notes.txt', 'x');
  const args = ['local/dev/main.ts', join(folder, 'notes.txt'), join(folder, 'gone.mjs')];
  await expect(execute(process.execPath, args, { cwd: project })).rejects.toMatchObject({
    code: 64,
    stderr: expect.stringMatching(
      /notes\.txt: expected a file that ends in[^]*gone\.mjs: there is no such file/u,
    ) as string,
  });
});

localIt('every command of the page works in its order', async () => {
  const page = await readFile(join(project, 'docs/how-to/develop-locally.md'), 'utf8');
  const commands = parseCommands(page);
  const terminal = await Terminal.open(story);
  const answers: string[] = [];
  for (const command of commands) {
    const [, served] = /^npm run dev -- (.*)$/u.exec(command) ?? [];
    const isByAddress = command.includes('http://127.0.0.1:8080/');
    const [, name, path] = /^curl 'http:\/\/([a-z-]+)\.default\.localhost:8080([^']*)'$/u.exec(command) ?? [];
    if (served !== undefined) {
      await start(...served.split(' '));
    } else if (name !== undefined) {
      answers.push((await call(name, path)).text);
    } else if (isByAddress) {
      answers.push((await execute('bash', ['-c', onPort(command)])).stdout);
    } else {
      await terminal.type(command);
    }
  }
  await terminal.close();
  const [, program = ''] = /^```js\n(.*?)^```$/msu.exec(page) ?? [];
  const { stdout } = await execute(process.execPath, [await write('call.mjs', onPort(program))]);
  expect([...answers, stdout]).toEqual(['hello you\n', 'bonjour\n', 'hello you\n', 'hello you\n']);
  await story.untilReady('greeting');
});
