import { describe, expect, it } from 'vitest';
import { failToStart, RuntimeProcess } from '../testing/runtime-process.ts';
import type { Files } from '../testing/runtime-process.ts';

const name = '@google-cloud/functions-framework';

async function answerOf(files: Files): Promise<string> {
  await using runtime = await RuntimeProcess.start({ files });
  return await (await fetch(await runtime.url())).text();
}

const register = "http('f', (req, res) => res.send('registered'));";

describe('the Functions Framework, which the function does not bring,', () => {
  const forms: { form: string; files: Files }[] = [
    { form: 'required', files: { 'index.js': `const { http } = require('${name}'); ${register}` } },
    { form: 'imported by a member’s name', files: { 'index.mjs': `import { http } from '${name}'; ${register}` } },
    { form: 'imported whole', files: { 'index.mjs': `import ff from '${name}'; ff.${register}` } },
    { form: 'imported as a namespace', files: { 'index.mjs': `import * as ff from '${name}'; ff.${register}` } },
    { form: 'imported later', files: { 'index.mjs': `const { http } = await import('${name}'); ${register}` } },
    {
      form: 'imported by inline source in TypeScript',
      files: { 'index.mjs': `import { http } from '${name}'; const n: string = 'f'; ${register}` },
    },
    {
      form: 'required by a sibling',
      files: { 'index.js': "require('./b.js');", 'b.js': `const { http } = require('${name}'); ${register}` },
    },
    {
      form: 'brought all the same',
      files: {
        'index.js': `const { http } = require('${name}'); ${register}`,
        [`node_modules/${name}/package.json`]: '{"main":"index.js"}',
        [`node_modules/${name}/index.js`]: 'exports.http = () => { throw new Error("its own") };',
      },
    },
  ];
  it.each(forms)('is served when it is $form', async ({ files }) => {
    expect(await answerOf(files)).toBe('registered');
  });

  it('has no more than it says', async () => {
    const files = { 'index.mjs': `import { typed } from '${name}'; typed('f', {});` };
    const { code, reason } = await failToStart({ files });
    expect({ code, reason }).toEqual({
      code: 65,
      reason: expect.stringContaining("Named export 'typed' not found") as string,
    });
  });
});

it('other packages are missing as ever', async () => {
  const { reason } = await failToStart({ files: { 'index.mjs': "import '@google-cloud/storage'" } });
  expect(reason).toContain("Error: Cannot find package '@google-cloud/storage' imported from index.mjs (index.mjs)");
});
