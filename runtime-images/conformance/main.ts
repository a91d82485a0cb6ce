/**
 * Checks a runtime against `cases.json`; `README.md` has the function that it has to serve, and how to call this.
 * Exit codes: 0 all passed, 1 some failed, 64 wrong arguments.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { Case } from './case.ts';
import { start } from './process.ts';
import { check, checkProcess, featuresOf, wantsOwnProcess } from './run.ts';

const usage = `usage: node main.ts [--only TEXT] http://HOST:PORT            checks a runtime that runs
       node main.ts [--only TEXT] -- COMMAND [ARGUMENT...]   starts one, and another for each case that ends it
--only: the cases that have TEXT in their name
`;

const { only, url, command } = readArguments();
const table = JSON.parse(await readFile(new URL('cases.json', import.meta.url), 'utf8')) as Case[];
const cases = table.filter(({ name }) => name.includes(only));
const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  await (url === undefined ? checkCommand() : checkAll(url));
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function checkCommand(): Promise<void> {
  await using shared = await start(command, process.env);
  if (shared.ended !== null) {
    throw new Error(`the command ended with ${shared.ended} instead of opening its port`);
  }
  await checkAll(shared.baseUrl);
}

async function checkAll(baseUrl: string): Promise<void> {
  const features = await featuresOf(baseUrl);
  for (const one of cases) {
    const reason = whySkipped(one, features);
    if (reason !== undefined) {
      tell('skipped', `${one.name} (${reason})`, []);
      continue;
    }
    const problems = wantsOwnProcess(one) ? await checkProcess(command, one, process.env) : await check(baseUrl, one);
    tell(problems.length === 0 ? 'passed' : 'failed', one.name, problems);
  }
}

interface Arguments {
  readonly only: string;
  readonly url: string | undefined;
  readonly command: readonly string[];
}

function readArguments(): Arguments {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { only: { type: 'string', default: '' } },
    });
    const [first] = positionals;
    if (first !== undefined) {
      const isUrl = positionals.length === 1 && /^https?:/u.test(first);
      return { only: values.only, url: isUrl ? first : undefined, command: isUrl ? [] : positionals };
    }
  } catch {
    // An option that there is not.
  }
  process.stderr.write(usage);
  process.exit(64);
}

function whySkipped(one: Case, features: readonly string[]): string | undefined {
  if (one.feature !== undefined && !features.includes(one.feature)) {
    return `the function has no ${one.feature}`;
  }
  return wantsOwnProcess(one) && command.length === 0 ? 'wants a process of its own' : undefined;
}

function tell(outcome: keyof typeof counts, name: string, problems: readonly string[]): void {
  counts[outcome] += 1;
  const sign = { passed: 'ok     ', failed: 'FAILED ', skipped: 'skipped' }[outcome];
  process.stdout.write([`${sign} ${name}`, ...problems.map((problem) => `        ${problem}`), ''].join('\n'));
}
