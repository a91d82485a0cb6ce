/** `npm run generate`: what the chart repeats of the rest of the project, and what is rendered from it. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart, helm, project } from './tests/chart.ts';
import { readValues, renderValues } from './tests/values-table.ts';

for (const kind of ['functions', 'revisions', 'runtimes']) {
  copyFileSync(join(project, `crds/${kind}.yaml`), join(chart, `files/crds/${kind}.yaml`));
}

const readme = `# The chart

Flint for Kubernetes 1.30 or newer, with Helm 3 or 4. How to install, upgrade and remove it: [docs/how-to/install-with-helm.md](../../docs/how-to/install-with-helm.md).
This page is generated from \`values.yaml\`; \`values.schema.json\` refuses what is not in it.

${renderValues(readValues(readFileSync(join(chart, 'values.yaml'), 'utf8')))}
`;
writeFileSync(join(chart, 'README.md'), readme);

const folder = join(project, 'deploy/kustomize');
mkdirSync(folder, { recursive: true });
const rendered = await helm([
  'template',
  'flint',
  chart,
  '--namespace=flint-system',
  '--skip-tests',
  '--kube-version=1.37.0',
]);
writeFileSync(join(folder, 'flint.yaml'), `# Rendered from charts/flint by npm run generate.\n${rendered}`);
