/** The Node.js runtime: loads a handler, then serves it. The port opens when the function can answer, and not before. */
import type { Served } from './adapters/adapter.ts';
import { chooseHandler } from './adapters/detect.ts';
import { frameworkPackage, Registrations } from './adapters/google/registrations.ts';
import { installAwsLambda } from './adapters/lambda/global.ts';
import { adapt } from './adapters/registry.ts';
import { loadConfig } from './config.ts';
import type { Config } from './config.ts';
import { patchConsole } from './console.ts';
import { Ending } from './ending.ts';
import { FunctionServer } from './http/server.ts';
import { Invocations } from './invocation.ts';
import { loadModule } from './loader/load.ts';
import { provideModule } from './loader/provided-module.ts';
import { createLog, writeLine } from './log.ts';
import { exitCodes, StartFailure } from './start-failure.ts';
import { logWarnings } from './warnings.ts';
import { installWebClasses } from './web/install.ts';
import { native } from './web/native.ts';

const invocations = new Invocations();
const log = createLog({ now: Date.now, write: writeLine, current: () => invocations.logFields() });
const ending = new Ending({
  log,
  invocations,
  terminationLog: process.env['FLINT_TERMINATION_LOG'],
  exit: (code) => {
    if (code !== exitCodes.stopped || close === undefined) {
      process.exit(code);
    }
    void closeFunction(close).then(() => process.exit(code));
  },
});
let close: Served['close'];

process.on('SIGTERM', (signal) => void ending.stop(signal));
process.on('SIGINT', (signal) => void ending.stop(signal));
process.on('uncaughtException', (error) => void ending.crash(error));
process.on('unhandledRejection', (error) => void ending.crash(error));
process.on('exit', (code) => {
  process.exitCode = ending.exiting(code);
});
logWarnings(process, log);
patchConsole(console, log);
installWebClasses(native);
installAwsLambda(globalThis);
const registrations = new Registrations();
provideModule(frameworkPackage, registrations.moduleExports);

// Not awaited: of a module that never finishes loading, Node would say so in its own words, about this file.
start().catch((error: unknown) => {
  if (error instanceof StartFailure) {
    ending.cannotStart(error);
  } else {
    throw error;
  }
});

async function start(): Promise<void> {
  const config = loadConfig(process.env);
  const startedAt = performance.now();
  const choice = chooseHandler({ ...(await loadModule(config, log)), registrations }, config);
  const served = await adapt(choice);
  const { invoke } = served;
  close = served.close;
  const loadMs = performance.now() - startedAt;
  const server = new FunctionServer({
    invoke,
    invocations,
    identity: {
      functionName: config.functionName,
      namespace: config.namespace,
      revision: config.revision,
      env: process.env,
    },
    log,
    makeId,
    loadMs,
    maxBodyBytes: config.maxBodyBytes,
    schedule: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => {
        clearTimeout(timer);
      };
    },
  });
  const port = await listen(server, config);
  ending.serving(server, config.drainMs);
  const { signature, because, exported } = choice;
  log.info('serving', { port, handler: exported.name, signature, because, loadMs: Math.round(loadMs * 10) / 10 });
}

/** The grace that a Pod has beyond its drain timeout is 5 s. */
const closeMs = 4000;

/** Lets a function that was told to stop, and has stopped, close what it opened. */
async function closeFunction(closeIt: () => Promise<void>): Promise<void> {
  const tooLate = new Promise<void>((resolve) => setTimeout(resolve, closeMs));
  const closed = closeIt().catch((error: unknown) => {
    log.error('the shutdown of the function failed', { error });
  });
  await Promise.race([closed, tooLate]);
}

/** For a request that came without an id: 16 hex digits. No secret, so no node:crypto, which takes 5 ms to load. */
function makeId(): string {
  return Array.from({ length: 4 }, () =>
    Math.floor(Math.random() * 0x10000)
      .toString(16)
      .padStart(4, '0'),
  ).join('');
}

async function listen(server: FunctionServer, { port, host }: Config): Promise<number> {
  try {
    return (await server.listen({ port, host })).port;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartFailure('BadConfiguration', `cannot listen on port ${port}: ${code ?? String(error)}`, {
      cause: error,
    });
  }
}
