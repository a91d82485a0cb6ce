import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Thrown when a program ends with anything but 0; the message has the end of what it said. */
class CommandError extends Error {
  override readonly name = 'CommandError';
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; none by default. */
  readonly input?: string;
}

const longestTail = 2000;

/** Standard output of a program. @throws CommandError */
export async function runCommand(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const child = spawn(program, args, {
    stdio: 'pipe',
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  // A program that reads nothing of it may be gone already.
  child.stdin.once('error', () => undefined).end(options.input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code !== 0) {
    const said = `${stdout}${stderr}`.trim().slice(-longestTail);
    throw new CommandError(`${program} ${args.join(' ')} ended with ${String(code)}:\n${said}`);
  }
  return stdout;
}
