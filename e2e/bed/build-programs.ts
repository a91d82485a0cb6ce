import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Program, programs } from './programs.ts';
import { runCommand } from '../../images/run-command.ts';

const modules = join(import.meta.dirname, 'go');

export type Say = (line: string) => void;

/** Where the programs are, or will be: by what they are built from, so that only a changed version is built again. */
export async function programsFolder(cache: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(programs));
  for (const module of ['kubernetes', 'node']) {
    hash.update(await readFile(join(modules, module, 'go.mod')));
    hash.update(await readFile(join(modules, module, 'go.sum')));
  }
  return join(cache, 'programs', hash.digest('hex').slice(0, 12));
}

/** Builds what is missing, one after the other; a build that was interrupted goes on where it was. @returns the folder */
export async function buildPrograms(cache: string, say: Say): Promise<string> {
  const folder = await programsFolder(cache);
  await mkdir(folder, { recursive: true });
  const missing: Program[] = [];
  for (const program of programs) {
    if (!existsSync(join(folder, program.name))) {
      missing.push(program);
    }
  }
  if (missing.length > 0) {
    say(
      `Building ${missing.length} of the ${programs.length} programs of Kubernetes from source, once, into ${folder}: ` +
        `8 to 15 minutes on two cores (${availableParallelism()} here).`,
    );
  }
  for (const [index, program] of missing.entries()) {
    const startedAt = performance.now();
    await build(program, folder);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    say(`  ${index + 1}/${missing.length}  ${program.name.padEnd(24)} ${seconds} s`);
  }
  return folder;
}

async function build(program: Program, folder: string): Promise<void> {
  // Renamed into place whole: what has the name is complete.
  const part = join(folder, `.${program.name}.part`);
  const ldflags = ['-s', '-w', ...(program.ldflags ?? [])].join(' ');
  const tags = program.tags === undefined ? [] : ['-tags', program.tags.join(' ')];
  await runCommand('go', ['build', '-trimpath', '-ldflags', ldflags, ...tags, '-o', part, program.package], {
    cwd: join(modules, program.module),
    env: { CGO_ENABLED: program.cgo === true ? '1' : '0', GOFLAGS: '-mod=readonly' },
  });
  await rename(part, join(folder, program.name));
}
