import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parseCommands } from './framework/document.ts';
import { project } from './framework/local-target.ts';
import { tellStories } from './framework/story.ts';
import { Terminal } from './framework/terminal.ts';

const story = tellStories();

/** Pages whose commands are typed here, against the target, and what their calls are answered. */
const pages: Readonly<Record<string, readonly string[]>> = {
  'docs/how-to/write-a-function.md': ['hello you\n', 'bonjour\n', 'moin from GET /\n'],
  'docs/operations.md': [],
  'docs/how-to/bring-functions-from-elsewhere.md': [
    'hello you from Lambda\n',
    'hello you from the Functions Framework\n',
    'hello you from func\n',
    'hello you from OpenFaaS\n',
  ],
};

/** Pages whose commands something else runs. */
const heldElsewhere: Readonly<Record<string, string>> = {
  'README.md':
    'e2e/quickstart.test.ts runs the first two, e2e/dev.test.ts the third, .ci/run the last, e2e/bed/installation.test.ts the chart',
  'docs/how-to/develop-locally.md': 'e2e/dev.test.ts',
  'docs/how-to/install-with-helm.md': 'e2e/bed/installation.test.ts',
  'docs/how-to/run-a-real-cluster.md':
    'e2e/bed/lifecycle.test.ts, .ci/run, and for the images e2e/framework/bed-target.ts',
  'CONTRIBUTING.md': '.ci/run is made of them',
  'runtime-images/conformance/README.md': 'runtime-images/nodejs/src/conformance.test.ts',
};

let terminal: Terminal | undefined;

story.prepare(async () => {
  terminal = await Terminal.open(story);
});

afterAll(() => terminal?.close());

it('every page with commands is typed here or held by another test', async () => {
  const withCommands: string[] = [];
  for await (const page of glob('{*.md,docs/**/*.md,runtime-images/**/*.md,charts/**/*.md}', { cwd: project })) {
    if (parseCommands(await readFile(join(project, page), 'utf8')).length > 0) {
      withCommands.push(page);
    }
  }
  expect(withCommands.toSorted()).toEqual([...Object.keys(pages), ...Object.keys(heldElsewhere)].toSorted());
});

it.for(Object.entries(pages))('every command of %s works in the order of the page', async ([page, want]) => {
  const commands = parseCommands(await readFile(join(project, page), 'utf8'));
  const answers: string[] = [];
  for (const command of commands) {
    const output = (await terminal?.type(command)) ?? '';
    if (command.startsWith('curl')) {
      answers.push(output);
    }
  }
  expect(answers).toEqual(want);
});

const examples = [
  { file: 'examples/node-http.yaml', name: 'node-http', path: '/x', want: 'hello from GET /x\n' },
  { file: 'examples/clock.yaml', name: 'clock', path: '/?ticks=2', want: /^(?:data: \S+Z\n\n){2}$/u },
  { file: 'examples/one-at-a-time.yaml', name: 'one-at-a-time', path: '/', want: '{"running":1}' },
];

it('every example is told of here or on a page', async () => {
  const files: string[] = [];
  for await (const file of glob('examples/**/*.yaml', { cwd: project })) {
    files.push(dirname(file) === 'examples' ? file : dirname(file));
  }
  const told = (await Promise.all(Object.keys(pages).map((page) => readFile(join(project, page), 'utf8')))).join('\n');
  const missing = files.filter((file) => !told.includes(file) && !examples.some((example) => example.file === file));
  expect(missing).toEqual([]);
});

it.for(examples)('$file answers', async ({ file, name, path, want }) => {
  await terminal?.type(`kubectl apply -f ${file}`);
  await story.untilReady(name);
  const answer = await story.request(name, { path });
  expect(answer).toMatchObject({
    status: 200,
    text: typeof want === 'string' ? want : (expect.stringMatching(want) as string),
  });
});
