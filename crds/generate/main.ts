/** `npm run generate`: the reference pages from the CRDs. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { makeReference, type ReferenceCrd } from '../reference.ts';

const project = join(import.meta.dirname, '../..');
mkdirSync(join(project, 'docs/reference'), { recursive: true });
for (const [file, page] of Object.entries({ functions: 'function', revisions: 'revision', runtimes: 'runtime' })) {
  const crd = load(readFileSync(join(project, `crds/${file}.yaml`), 'utf8')) as ReferenceCrd;
  writeFileSync(join(project, `docs/reference/${page}.md`), makeReference(crd));
}
