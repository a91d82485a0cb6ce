import { tryParseDurationMs } from './api/duration.ts';
import { ConfigError } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads settings from an environment. Every reader records its mistake and goes on, so that `finish` can list all of
 * them together instead of one a start.
 */
export class ConfigReader {
  readonly #env: Environment;
  readonly #mistakes: string[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  string(name: string, fallback: string): string {
    return this.optional(name) ?? fallback;
  }

  /** Absent and empty mean the same: not set. */
  optional(name: string): string | undefined {
    const value = this.#env[name];
    return value === undefined || value === '' ? undefined : value;
  }

  integer(name: string, fallback: number, range: { readonly min: number; readonly max: number }): number {
    const text = this.optional(name);
    if (text === undefined) {
      return fallback;
    }
    const value = Number(text);
    if (!Number.isInteger(value) || value < range.min || value > range.max) {
      this.#mistakes.push(`${name} is '${text}': expected a whole number from ${range.min} to ${range.max}`);
      return fallback;
    }
    return value;
  }

  /** A TCP port or 0, which each setting has its own meaning for. */
  port(name: string, fallback: number): number {
    return this.integer(name, fallback, { min: 0, max: 65_535 });
  }

  /** A duration as in the API (`500ms`, `30s`, `1h30m`), in milliseconds. */
  durationMs(name: string, fallbackMs: number): number {
    const text = this.optional(name);
    if (text === undefined) {
      return fallbackMs;
    }
    const value = tryParseDurationMs(text);
    if (value === undefined) {
      this.#mistakes.push(`${name} is '${text}': expected a duration such as 500ms, 30s or 1h30m`);
      return fallbackMs;
    }
    return value;
  }

  boolean(name: string, fallback: boolean): boolean {
    return this.choice(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true';
  }

  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const text = this.optional(name);
    const found = choices.find((choice) => choice === text);
    if (text !== undefined && found === undefined) {
      this.#mistakes.push(`${name} is '${text}': expected one of ${choices.join(', ')}`);
    }
    return found ?? fallback;
  }

  /** A comma-separated list; spaces around items are dropped. */
  list(name: string, fallback: readonly string[]): readonly string[] {
    const text = this.optional(name);
    if (text === undefined) {
      return fallback;
    }
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  /** @throws ConfigError naming every mistake found so far. */
  finish(): void {
    if (this.#mistakes.length > 0) {
      throw new ConfigError(this.#mistakes);
    }
  }
}
