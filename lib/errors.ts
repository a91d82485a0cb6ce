/** Turns anything thrown into one line. */
export function errorMessage(error: unknown): string {
  if (error instanceof Error) {
    return error.message === '' ? error.name : error.message;
  }
  return String(error);
}

/** For what nobody foresaw: where it happened, too. */
export function errorStack(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** True for the rejection that an aborted signal causes, whatever reason it was aborted with. */
export function isAbortError(error: unknown, signal?: AbortSignal): boolean {
  if (signal?.aborted === true && error === signal.reason) {
    return true;
  }
  return error instanceof Error && (error.name === 'AbortError' || (error as { code?: string }).code === 'ABORT_ERR');
}

/** EX_USAGE of sysexits.h. */
export const exitUsage = 64;

/** A mistake in flags or environment. `main` prints the message and exits with `exitUsage`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** One sentence a mistake: which setting, its value, what is allowed. */
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}
