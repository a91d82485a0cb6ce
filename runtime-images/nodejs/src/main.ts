/** The Node.js runtime: loads a handler, then serves it. It listens only once it can answer. */
import { detectHandler } from './detect.ts';
import { exitCodes, ExitError, reportExit } from './exit.ts';
import { loadHandler } from './loader.ts';
import { log, patchConsole } from './logging.ts';
import { type Options, parseOptions } from './options.ts';
import { makeServer, type RuntimeServer } from './server.ts';

const terminationLog = process.env['FLINT_TERMINATION_LOG'];

try {
  const options = parseOptions(process.env);
  patchConsole(console);
  const runtime = await load(options);
  process.on('uncaughtException', (error) => {
    crash(error);
  });
  process.on('unhandledRejection', (error) => {
    crash(error);
  });
  process.on('SIGTERM', () => void shutDown(runtime, options));
  process.on('SIGINT', () => void shutDown(runtime, options));
  runtime.server.listen({ port: options.port, ...(options.host === undefined ? {} : { host: options.host }) });
} catch (error) {
  end(
    error instanceof ExitError ? error : new ExitError(exitCodes.crashed, 'Crashed', String(error), { cause: error }),
  );
}

async function load(options: Options): Promise<RuntimeServer> {
  const startedAt = performance.now();
  const loaded = await loadHandler(options.codePath, options.handler);
  const { signature, invoke } = detectHandler(loaded);
  log('debug', 'handler loaded', { handler: loaded.name, signature });
  return makeServer({ options, invoke, loadMs: performance.now() - startedAt });
}

/** The state of the process is unknown after this: it ends, and the platform starts another one. */
function crash(error: unknown): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  end(new ExitError(exitCodes.crashed, 'Crashed', text, { cause: error }));
}

function end(error: ExitError): never {
  reportExit(error, terminationLog);
  process.exit(error.exitCode);
}

async function shutDown(runtime: RuntimeServer, options: Options): Promise<void> {
  await runtime.drain(options.drainMs);
  process.exit(0);
}
