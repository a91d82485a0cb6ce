import { expect, it } from 'vitest';
import { parseCommands } from './document.ts';

const page = `# Title

\`\`\`sh
npm ci
npm test                 # everything
# only a comment
kubectl get functions \\
  --watch
\`\`\`

\`\`\`yaml
kind: Function # not a command
\`\`\`

\`\`\`sh
curl http://x/#fragment
\`\`\`
`;

it('takes the commands of every shell block in order, without comments and with continued lines joined', () => {
  expect(parseCommands(page)).toEqual([
    'npm ci',
    'npm test',
    'kubectl get functions    --watch',
    'curl http://x/#fragment',
  ]);
});

it('finds none in a page without shell blocks', () => {
  expect(parseCommands('# Title\n\n```json\n{}\n```\n')).toEqual([]);
});
