/** `npm run dev -- FILE_OR_FOLDER...`: functions from local files, served anew whenever a file is saved, until Ctrl-C. */
import { dirname, join, resolve } from 'node:path';
import { systemClock, systemRandom } from '../../lib/clock.ts';
import { ConfigError, errorStack, exitUsage } from '../../lib/errors.ts';
import { endOnInterrupt, exitInterrupted } from '../console/interrupt.ts';
import { renderCrash, renderRequest, tryParseAccess } from '../console/lines.ts';
import { createTerminalLogger } from '../console/terminal-log.ts';
import { DataFolderError } from '../launch/data-folder.ts';
import { launch } from '../launch/launch.ts';
import { FolderInUseError } from '../launch/lock.ts';
import { PortBusyError, PortDeniedError } from '../launch/ports.ts';
import { renderBanner, shorten } from './banner.ts';
import { type DevOptions, parseArguments } from './options.ts';
import { plan, toYaml, type PlannedFunction } from './plan.ts';
import { serve } from './serve.ts';

const project = resolve(dirname(import.meta.filename), '../..');
// npm runs scripts in the project's folder, and tells where the user stood.
const cwd = process.env['npm_lifecycle_event'] === 'dev' ? (process.env['INIT_CWD'] ?? process.cwd()) : process.cwd();

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function warn(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function run(options: DevOptions, planned: readonly PlannedFunction[], stop: AbortController): Promise<void> {
  const end = (): void => {
    say('stopping …');
    stop.abort();
  };
  endOnInterrupt({ process, clock: systemClock, end, exit: () => process.exit(exitInterrupted) });
  await using flint = await launch(
    {
      port: options.port,
      apiPort: 0,
      dataDir: options.dataDir,
      domains: ['localhost'],
      // What is served is what the command names, and nothing of the last time.
      keepsState: false,
      manifests: [],
      examples: [],
      readyFile: undefined,
      quiet: false,
    },
    {
      clock: systemClock,
      random: systemRandom,
      log: createTerminalLogger('warn', warn),
      project,
      env: process.env,
      signal: stop.signal,
      onLine: (_component, line) => {
        const record = tryParseAccess(line);
        if (record !== undefined) {
          say(renderRequest(record));
        }
      },
      onCrash: (component, crash) => {
        say(renderCrash(component, crash, join(options.dataDir, 'kubeconfig')));
      },
    },
  );
  const { envFile, dataDir } = options;
  await serve(flint, planned, { clock: systemClock, random: systemRandom, dataDir, envFile, cwd, say }, stop.signal);
  if (!stop.signal.aborted) {
    const functions = planned.map(({ objects, path }) => ({ name: objects.fn.metadata.name, path }));
    const { port } = new URL(flint.ready.url);
    const kubeconfig = shorten(join(dataDir, 'kubeconfig'), project);
    say(renderBanner({ functions, port, kubeconfig, cwd, startedMs: performance.now() }));
  }
  await flint.ended;
}

function explain(error: unknown): string {
  if (error instanceof PortBusyError) {
    return `port ${error.port} is busy: another program listens there; choose another with --port (0 takes a free one)`;
  }
  if (error instanceof PortDeniedError) {
    return `port ${error.port} needs more rights than this user has; choose one above 1023 with --port (0 takes a free one)`;
  }
  if (error instanceof FolderInUseError) {
    return `${error.message.split('\n', 1)[0] ?? ''}\nStop that one with Ctrl-C, name all functions in one command, or use another folder with --data`;
  }
  if (error instanceof ConfigError || error instanceof DataFolderError) {
    return error.message;
  }
  return errorStack(error);
}

const stop = new AbortController();
try {
  const parsed = parseArguments(process.argv.slice(2), { cwd, project, resolve });
  if (parsed.kind === 'help') {
    say(parsed.text);
  } else {
    const planned = await plan(parsed.options, warn);
    if (parsed.options.print) {
      process.stdout.write(toYaml(planned));
    } else {
      await run(parsed.options, planned, stop);
    }
  }
  process.exitCode = 0;
} catch (error) {
  if (!stop.signal.aborted) {
    warn(explain(error));
    process.exitCode = error instanceof ConfigError ? exitUsage : 1;
  }
}
process.exit();
