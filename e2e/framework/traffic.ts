import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from '../../lib/errors.ts';
import type { Steps } from './steps.ts';

export interface TrafficResult {
  readonly requests: number;
  /** What each request that was not answered 200 got instead, with its time since the beginning. */
  readonly failures: readonly string[];
}

/** Requests to a function, one after the other on some connections each, until they are stopped. */
export class Traffic {
  readonly #stop = new AbortController();
  readonly #failures: string[] = [];
  readonly #done: Promise<unknown>;
  #requests = 0;

  constructor(story: Steps, functionName: string, clients = 4) {
    const startedAt = performance.now();
    const client = async (): Promise<void> => {
      while (!this.#stop.signal.aborted) {
        const failure = await ask(story, functionName);
        this.#requests += 1;
        if (failure !== undefined) {
          this.#failures.push(`${(performance.now() - startedAt).toFixed(0)} ms: ${failure}`);
        }
        await sleep(10);
      }
    };
    this.#done = Promise.all(Array.from({ length: clients }, client));
  }

  /** Once what is under way has been answered. */
  async stop(): Promise<TrafficResult> {
    this.#stop.abort();
    await this.#done;
    return { requests: this.#requests, failures: this.#failures };
  }
}

async function ask(story: Steps, functionName: string): Promise<string | undefined> {
  try {
    const { status, text } = await story.request(functionName, { path: '/?ms=20' });
    return status === 200 ? undefined : `${status} ${text}`;
  } catch (error) {
    return errorMessage(error);
  }
}
