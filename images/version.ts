import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The project's version, as package.json says. */
export function readVersion(project: string): string {
  return (JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string }).version;
}
