import type { Log } from './log.ts';

/**
 * A source without `type` in a package.json beside it, which most functions are. Node's advice names a folder that is not
 * the user's, and following it saves less than a millisecond.
 */
const typelessPackage = 'MODULE_TYPELESS_PACKAGE_JSON';

type Warning = Error & { readonly code?: string };

/** Warnings become lines of the log, in place of what Node would print: told by both, each would stand there twice. */
export function logWarnings(process: NodeJS.Process, log: Log): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message, code, stack }: Warning) => {
    if (code !== typelessPackage) {
      log.warn(message, { warning: name, stack: stack?.replace(`${name}: ${message}\n`, '') });
    }
  });
}
