import { fs } from './builtin.ts';
import type { FunctionServer } from './http/server.ts';
import type { Invocations } from './invocation.ts';
import type { Log } from './log.ts';
import { exitCodes, StartFailure } from './start-failure.ts';

export interface EndingDeps {
  readonly log: Log;
  readonly invocations: Invocations;
  /** Where the platform looks for the reason; undefined or empty: it reads the log. */
  readonly terminationLog: string | undefined;
  readonly exit: (code: number) => void;
}

/** After a crash the process is not to be trusted; what else runs in it gets this long to finish. */
const crashGraceMs = 5000;

/**
 * Ends the process, once:
 *
 *     loading → ended (64, 65, 66: it cannot start; 0: told to stop)
 *     serving → draining (SIGTERM) → ended (0)
 *     serving or draining → crashed (an error nothing caught) → ended (70)
 */
export class Ending {
  readonly #deps: EndingDeps;
  #server: FunctionServer | undefined;
  #drainMs = 0;
  #state: 'loading' | 'serving' | 'draining' | 'crashed' | 'ended' = 'loading';

  constructor(deps: EndingDeps) {
    this.#deps = deps;
  }

  /** From now on there may be something to finish first. */
  serving(server: FunctionServer, drainMs: number): void {
    this.#server = server;
    this.#drainMs = drainMs;
    this.#state = 'serving';
  }

  cannotStart(failure: StartFailure): void {
    const { log } = this.#deps;
    log.fatal(failure.message, { reason: failure.reason, error: failure.cause });
    this.#end(failure.exitCode, failure.message);
  }

  async stop(signal: string): Promise<void> {
    if (this.#state === 'loading') {
      this.#end(exitCodes.stopped);
    }
    if (this.#state !== 'serving' || this.#server === undefined) {
      return;
    }
    this.#state = 'draining';
    const isDone = await this.#server.drain(this.#drainMs);
    if (!isDone) {
      const { running } = this.#server;
      this.#deps.log.warn('the drain timeout cut off what still ran', { signal, drainMs: this.#drainMs, running });
      await this.#server.cut();
    }
    this.#end(exitCodes.stopped);
  }

  async crash(error: unknown): Promise<void> {
    if (this.#state === 'loading') {
      this.cannotStart(new StartFailure('CodeDidNotLoad', describe(error), { cause: error }));
      return;
    }
    const { log, invocations } = this.#deps;
    log.fatal('nothing caught an error; the process ends', { error });
    const invocation = invocations.current();
    if (invocation !== undefined) {
      this.#server?.abandon(invocation);
    }
    if (this.#state !== 'serving' && this.#state !== 'draining') {
      return; // Later errors of a process that ends already.
    }
    this.#state = 'crashed';
    const isDone = await this.#server?.drain(Math.min(this.#drainMs, crashGraceMs));
    if (isDone === false) {
      await this.#server?.cut();
    }
    this.#end(exitCodes.crashed, describe(error));
  }

  /** The process ends, and not because of this class: its event loop ran empty, or user code called `process.exit`. */
  exiting(code: number): number {
    const { log } = this.#deps;
    if (this.#state === 'ended') {
      return code;
    }
    const wasLoading = this.#state === 'loading';
    this.#state = 'ended';
    if (!wasLoading) {
      log.fatal('the function ended the process', { exitCode: code, running: this.#server?.running ?? 0 });
      return code;
    }
    // 13: Node found nothing left that could settle a top-level await.
    const what =
      code === 0 || code === 13 ? 'awaits something that never settles' : `ended the process with code ${code}`;
    const message = `the module ${what} while loading`;
    log.fatal(message, { reason: 'CodeDidNotLoad' });
    this.#writeTerminationLog(message);
    return exitCodes.codeDidNotLoad;
  }

  #end(code: number, reason?: string): void {
    this.#state = 'ended';
    if (reason !== undefined) {
      this.#writeTerminationLog(reason);
    }
    this.#deps.exit(code);
  }

  #writeTerminationLog(line: string): void {
    const { terminationLog, log } = this.#deps;
    if (terminationLog === undefined || terminationLog === '') {
      return;
    }
    try {
      fs.writeFileSync(terminationLog, line);
    } catch (error) {
      log.warn('the termination log cannot be written', { path: terminationLog, error });
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.split('\n', 1)[0] ?? ''}` : String(error);
}
