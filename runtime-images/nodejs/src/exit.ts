import { writeFileSync, writeSync } from 'node:fs';

/** Exit codes of the runtime contract, after sysexits.h. The operator tells reasons by them. */
export const exitCodes = {
  badConfiguration: 64,
  codeDidNotLoad: 65,
  handlerNotFound: 66,
  /** EX_SOFTWARE: an error that no invocation caught. */
  crashed: 70,
} as const;

export type ExitReason = 'BadConfiguration' | 'CodeDidNotLoad' | 'HandlerNotFound' | 'Crashed';

/** Ends the process with a code and a line that its owner can act on. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly exitCode: number;
  readonly reason: ExitReason;

  constructor(exitCode: number, reason: ExitReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
    this.reason = reason;
  }
}

/**
 * Says why, where the platform looks for it: as the last line of the log, and as the termination message. Synchronous:
 * the process is about to end.
 */
export function reportExit(error: ExitError, terminationLog: string | undefined): void {
  const stack = error.cause instanceof Error ? error.cause.stack : undefined;
  const record = {
    time: new Date().toISOString(),
    level: 'fatal',
    reason: error.reason,
    message: error.message,
    stack,
  };
  writeSync(2, `${JSON.stringify(record)}\n`);
  if (terminationLog === undefined) {
    return;
  }
  try {
    writeFileSync(terminationLog, error.message);
  } catch (cause) {
    writeSync(2, `${JSON.stringify({ level: 'warn', message: `cannot write ${terminationLog}: ${String(cause)}` })}\n`);
  }
}
