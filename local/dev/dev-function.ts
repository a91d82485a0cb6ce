import { errorMessage } from '../../lib/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import { timeOfDay } from '../console/lines.ts';
import type { FunctionApplier } from './apply.ts';
import { type FunctionObjects, SourceError } from './function-of.ts';

export interface DevFunctionDeps {
  readonly clock: Clock;
  /** The function as it is on disk. @throws SourceError */
  readonly read: () => Promise<FunctionObjects>;
  readonly applier: Pick<FunctionApplier, 'apply' | 'differs'>;
  readonly say: (line: string) => void;
}

/** One function that follows its files: what is on disk is applied, one write after the other, the last one always. */
export class DevFunction {
  readonly #deps: DevFunctionDeps;
  #objects: FunctionObjects;
  #savedAt: number | undefined;
  #isRunning = false;
  #isDirty = false;
  #working: Promise<void> | undefined;

  constructor(objects: FunctionObjects, deps: DevFunctionDeps) {
    this.#objects = objects;
    this.#deps = deps;
  }

  get name(): string {
    return this.#objects.fn.metadata.name;
  }

  /** What the runtime calls its files → where they lie. */
  get files(): ReadonlyMap<string, string> {
    return this.#objects.files;
  }

  /** Since the last save that changed something, once. */
  takeSinceSaveMs(): number | undefined {
    const savedAt = this.#savedAt;
    this.#savedAt = undefined;
    return savedAt === undefined ? undefined : this.#deps.clock.monotonic() - savedAt;
  }

  /** Something may have changed. Resolves when it is applied. */
  changed(): Promise<void> {
    this.#isDirty = true;
    this.#working ??= this.#drain().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }

  async #drain(): Promise<void> {
    while (this.#isDirty) {
      this.#isDirty = false;
      await this.#takeOver();
    }
  }

  async #takeOver(): Promise<void> {
    const { clock, read, applier, say } = this.#deps;
    const savedAt = clock.monotonic();
    try {
      const objects = await read();
      // Before it is applied: its first lines may come sooner than the answer.
      this.#objects = objects;
      if (this.#isRunning && applier.differs(objects)) {
        this.#savedAt = savedAt;
      }
      await applier.apply(objects);
      this.#isRunning = true;
    } catch (error) {
      const why = error instanceof SourceError ? error.message : `not applied: ${errorMessage(error)}`;
      const time = timeOfDay(new Date(clock.now()).toISOString());
      say(`${time}  failed  ${this.name}  ${why}; the code from before goes on serving`);
    }
  }
}
