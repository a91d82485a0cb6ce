/** `npm start`: Flint on this machine, until Ctrl-C. */
import { dirname, join, resolve } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { functions } from '../lib/api/resources.ts';
import { systemClock, systemRandom } from '../lib/clock.ts';
import { ConfigError, errorMessage, errorStack, exitUsage } from '../lib/errors.ts';
import { listAll } from '../lib/kube/list-all.ts';
import { StateFileError } from './api/storage/sqlite-journal.ts';
import { renderBanner } from './console/banner.ts';
import { renderCrash, renderRequest, tryParseAccess } from './console/lines.ts';
import { followEvents } from './console/follow.ts';
import { followFunctionFailures } from './console/function-failures.ts';
import { endOnInterrupt, exitInterrupted } from './console/interrupt.ts';
import { createTerminalLogger } from './console/terminal-log.ts';
import { DataFolderError } from './launch/data-folder.ts';
import { launch, type LocalFlint } from './launch/launch.ts';
import { FolderInUseError } from './launch/lock.ts';
import { ManifestError } from './launch/manifests.ts';
import { type LaunchOptions, parseArguments } from './launch/options.ts';
import { PortBusyError, PortDeniedError } from './launch/ports.ts';

/** Their messages say all there is to say. */
const expected = [
  ConfigError,
  PortBusyError,
  PortDeniedError,
  FolderInUseError,
  DataFolderError,
  StateFileError,
  ManifestError,
];
const project = resolve(dirname(import.meta.filename), '..');

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function warn(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** `NAME.NAMESPACE` of a function that can be called, of `hello` before others. */
async function tryFindFunction(client: LocalFlint['client']): Promise<string | undefined> {
  const found = await listAll(client, functions);
  const hosts = found.map(({ metadata }) => `${metadata.name}.${metadata.namespace ?? ''}`);
  return hosts.find((host) => host === 'hello.default') ?? hosts[0];
}

async function run(options: LaunchOptions, stop: AbortController): Promise<void> {
  const end = (): void => {
    say('stopping …');
    stop.abort();
  };
  endOnInterrupt({ process, clock: systemClock, end, exit: () => process.exit(exitInterrupted) });
  say('Flint is starting: an embedded Kubernetes, the operator and the activator …');
  await using flint = await launch(options, {
    clock: systemClock,
    random: systemRandom,
    log: createTerminalLogger('warn', warn),
    project,
    env: process.env,
    signal: stop.signal,
    onLine: (_component, line) => {
      const record = options.quiet ? undefined : tryParseAccess(line);
      if (record !== undefined) {
        say(renderRequest(record));
      }
    },
    onCrash: (component, crash) => {
      say(renderCrash(component, crash, join(options.dataDir, 'kubeconfig')));
    },
  });
  const functionHost = await tryFindFunction(flint.client);
  say(renderBanner(flint.ready, { cwd: process.cwd(), startedMs: performance.now(), functionHost }));
  if (options.readyFile !== undefined) {
    await writeFile(options.readyFile, JSON.stringify(flint.ready));
  }
  if (!options.quiet) {
    const following = { clock: systemClock, random: systemRandom, say };
    followEvents(flint.client, { ...following, ended: flint.ended });
    const { client, logs } = flint;
    void followFunctionFailures({ ...following, client, logs, dataDir: options.dataDir }, stop.signal);
  }
  await flint.ended;
}

const stop = new AbortController();
try {
  const parsed = parseArguments(process.argv.slice(2), { cwd: process.cwd(), project, resolve });
  if (parsed.kind === 'help') {
    say(parsed.text);
  } else {
    await run(parsed.options, stop);
  }
  process.exit(0);
} catch (error) {
  if (stop.signal.aborted) {
    process.exit(0);
  }
  const text = expected.some((kind) => error instanceof kind) ? errorMessage(error) : errorStack(error);
  warn(text);
  process.exit(error instanceof ConfigError ? exitUsage : 1);
}
