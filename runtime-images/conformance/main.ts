/**
 * Checks a runtime against `cases.json`: serve the function that `README.md` describes, then
 * `node runtime-images/conformance/main.ts http://127.0.0.1:8080`.
 */
import { readFile } from 'node:fs/promises';
import { check } from './check.ts';
import type { Case } from './check.ts';

const [baseUrl] = process.argv.slice(2);
if (baseUrl === undefined) {
  process.stderr.write('usage: node main.ts http://HOST:PORT\n');
  process.exit(64);
}

const cases = JSON.parse(await readFile(new URL('cases.json', import.meta.url), 'utf8')) as Case[];
let failed = 0;
for (const one of cases) {
  const problems = await check(baseUrl, one);
  failed += problems.length === 0 ? 0 : 1;
  process.stdout.write(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${one.name}\n`);
  for (const problem of problems) {
    process.stdout.write(`       ${problem}\n`);
  }
}
process.stdout.write(`${cases.length - failed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);
