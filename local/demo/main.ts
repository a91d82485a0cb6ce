/** `npm run demo`: the life of a function in half a minute, on free ports and in a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { systemClock, systemRandom } from '../../lib/clock.ts';
import { ConfigError, errorStack, exitUsage } from '../../lib/errors.ts';
import { endOnInterrupt, exitInterrupted } from '../console/interrupt.ts';
import { createTerminalLogger } from '../console/terminal-log.ts';
import { launch } from '../launch/launch.ts';
import { callFunction } from './answer.ts';
import { tell } from './story.ts';

const project = resolve(dirname(import.meta.filename), '../..');

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function run(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'flint-demo-'));
  try {
    await show(dataDir, interrupted.signal);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function show(dataDir: string, signal: AbortSignal): Promise<void> {
  say('Starting Flint on free ports …');
  await using flint = await launch(
    {
      port: 0,
      apiPort: 0,
      dataDir,
      domains: ['localhost'],
      keepsState: false,
      manifests: [],
      examples: [],
      readyFile: undefined,
      quiet: true,
    },
    {
      clock: systemClock,
      random: systemRandom,
      log: createTerminalLogger('error', say),
      project,
      env: process.env,
      signal,
      onLine: () => undefined,
      onCrash: (component, { how }) => {
        say(`the ${component} ended: ${how}`);
      },
    },
  );
  const url = new URL(flint.ready.url);
  const story = tell({
    client: flint.client,
    clock: systemClock,
    call: () => callFunction(url, 'greeter.default.localhost', systemClock),
    say,
  });
  await Promise.race([story, flint.ended]);
}

/** There is nothing to choose. @throws ConfigError */
function refuseArguments(args: readonly string[]): void {
  if (args.length > 0) {
    throw new ConfigError([`npm run demo takes no arguments, and has '${args.join(' ')}'; npm start takes some`]);
  }
}

const interrupted = new AbortController();
const end = (): void => {
  interrupted.abort();
};
endOnInterrupt({ process, clock: systemClock, end, exit: () => process.exit(exitInterrupted) });
try {
  refuseArguments(process.argv.slice(2));
  await run();
  process.exit(interrupted.signal.aborted ? exitInterrupted : 0);
} catch (error) {
  if (interrupted.signal.aborted) {
    process.exit(exitInterrupted);
  }
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\n`);
    process.exit(exitUsage);
  }
  process.stderr.write(`the demo failed: ${errorStack(error)}\n`);
  process.exit(1);
}
