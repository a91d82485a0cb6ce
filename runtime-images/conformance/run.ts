import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Action, Case, Step } from './case.ts';
import { differences } from './check.ts';
import { exchange } from './exchange.ts';
import type { Answer, Client } from './exchange.ts';
import { start } from './process.ts';
import type { RuntimeUnderTest } from './process.ts';

const repeatMs = 250;
const repeatForMs = 5000;

/** True for a case that cannot be checked on a runtime that others use too. */
export function wantsOwnProcess(one: Case): boolean {
  return one.env !== undefined || one.exit !== undefined;
}

/** What differs from the case, one sentence each; none when it passed. */
export async function check(baseUrl: string, one: Case): Promise<string[]> {
  return runSteps({ baseUrl }, one);
}

/** Starts `command` for one case. */
export async function checkProcess(
  command: readonly string[],
  one: Case,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<string[]> {
  await using runtime = await start(command, { ...env, ...one.env });
  const problems = await runSteps({ baseUrl: runtime.baseUrl, runtime }, one);
  return one.exit === undefined ? problems : [...problems, ...(await runtime.exitDifferences(one.exit))];
}

/** Names of optional features that the function has. @throws Error when nothing answers */
export async function featuresOf(baseUrl: string): Promise<readonly string[]> {
  const response = await fetch(new URL('/features', baseUrl)).catch((error: unknown) => {
    throw new Error(`nothing answers at ${baseUrl}`, { cause: error });
  });
  const names: unknown = await response.json().catch(() => []);
  return Array.isArray(names) ? names.map(String) : [];
}

interface Scene {
  readonly baseUrl: string;
  readonly runtime?: RuntimeUnderTest;
}

async function runSteps(scene: Scene, one: Case): Promise<string[]> {
  const agent = new Agent({ keepAlive: true });
  try {
    const problems: string[] = [];
    for (const step of [one, ...(one.then ?? [])]) {
      problems.push(...(await runStep(scene, { baseUrl: scene.baseUrl, agent }, step)));
    }
    return problems;
  } finally {
    agent.destroy();
  }
}

async function runStep(scene: Scene, client: Client, step: Step): Promise<string[]> {
  const inside: string[] = [];
  const meanwhile = async (): Promise<void> => {
    for (const action of step.meanwhile ?? []) {
      inside.push(...(await act(scene, client, action)));
    }
  };
  const answer = await repeat(step, async () => exchange(client, step, meanwhile));
  return [...inside, ...differences(answer, step.want).map((problem) => `${step.request.path}: ${problem}`)];
}

async function act(scene: Scene, client: Client, action: Action): Promise<string[]> {
  if (!('signal' in action)) {
    return runStep(scene, client, action);
  }
  scene.runtime?.signal(action.signal);
  return [];
}

async function repeat({ until, want }: Step, ask: () => Promise<Answer>): Promise<Answer> {
  let answer = await ask();
  for (let waited = 0; until !== undefined && waited < repeatForMs; waited += repeatMs) {
    if (until === 'it holds' && differences(answer, want).length === 0) {
      break;
    }
    await sleep(repeatMs);
    const before = answer;
    answer = await ask();
    if (until === 'it stands still' && answer.body.equals(before.body)) {
      break;
    }
  }
  return answer;
}
