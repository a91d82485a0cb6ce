import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../e2e/framework/patience.ts';
import { reservePort } from '../local/launch/ports.ts';
import { librariesOf } from './base-image.ts';
import { parseSize } from './buildah.ts';
import { bundle } from './bundle.ts';
import { components } from './components.ts';
import { makeSbom } from './sbom.ts';

const project = dirname(import.meta.dirname);
const [operator, activator, runtime] = components;

it.for([operator, activator])(
  '$name runs from its bundle and tells what it is made of',
  { timeout: 60_000 },
  async (component) => {
    if (component === undefined) {
      throw new Error('a component is missing');
    }
    const { folder, packages, bytes } = await bundle(component, project);
    expect(bytes).toBeLessThan(1_500_000);
    // It is for kubeconfigs, and four times as large as all the rest.
    expect(packages.map(({ name }) => name)).not.toContain('@kubernetes/client-node');
    expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['pino', 'prom-client', 'undici']));
    expect(await readFile(join(folder, 'LICENSES.txt'), 'utf8')).toContain('undici');
    const api = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
    await once(api, 'listening');
    const admin = await reservePort(0, '', '');
    const child = spawn(process.execPath, [join(folder, 'main.mjs')], {
      stdio: 'ignore',
      env: {
        FLINT_KUBE_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
        FLINT_ADMIN_PORT: String(admin),
        FLINT_LISTEN_PORT: '0',
        FLINT_LAME_DUCK: '0s',
      },
    });
    const exited = once(child, 'exit');
    await eventually('it lives', async () => ((await fetch(`http://127.0.0.1:${admin}/livez`)).ok ? true : undefined));
    child.kill('SIGTERM');
    expect((await exited)[0]).toBe(0);
    api.closeAllConnections();
    api.close();
  },
);

it('the runtime has no package in it, and what only functions of Lambda need is a file that only they load', async () => {
  if (runtime === undefined) {
    throw new Error('the runtime is missing');
  }
  const { folder, packages } = await bundle(runtime, project);
  expect(packages).toEqual([]);
  expect(await readFile(join(folder, 'main.mjs'), 'utf8')).not.toContain('isBase64Encoded');
  const port = await reservePort(0, '', '');
  const code = join(project, 'runtime-images/nodejs/fixtures/elsewhere/lambda-http-api');
  const child = spawn(process.execPath, [join(folder, 'main.mjs')], {
    stdio: 'ignore',
    env: { HOST: '127.0.0.1', PORT: String(port), FLINT_CODE_PATH: code },
  });
  const exited = once(child, 'exit');
  const answer = await eventually('it answers', async () => (await fetch(`http://127.0.0.1:${port}/products`)).json());
  expect(answer).toMatchObject({ products: [{ id: '1' }, { id: '2' }] });
  child.kill('SIGTERM');
  expect((await exited)[0]).toBe(0);
});

it('an SBOM names everything with its licence, and is the same every time', () => {
  const input = {
    component: { name: 'operator' },
    version: '1.2.3',
    nodeVersion: '26.0.0',
    packages: [{ name: '@s/a', version: '1.0.0', license: 'MIT', licenseText: '' }],
  };
  const sbom = makeSbom(input);
  expect(sbom).toMatchObject({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { name: 'flint/operator', version: '1.2.3' } },
    components: [{ name: 'node' }, { name: '@s/a', purl: 'pkg:npm/%40s/a@1.0.0', licenses: [{ expression: 'MIT' }] }],
  });
  const references = sbom.components.map((part) => part['bom-ref']);
  expect(sbom.dependencies[0]?.dependsOn).toEqual(references);
  expect(makeSbom(input)).toEqual(sbom);
});

it('the libraries of a program are those that ldd finds, and the loader', () => {
  const output = `	linux-vdso.so.1 (0x00007ffd)
	libdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f)
	/lib64/ld-linux-x86-64.so.2 (0x00007f)
`;
  expect(librariesOf(output)).toEqual(['/lib/x86_64-linux-gnu/libdl.so.2', '/lib64/ld-linux-x86-64.so.2']);
});

it.for([
  { text: '61.9 MB', want: 61_900_000 },
  { text: '812 kB', want: 812_000 },
  { text: '12 B', want: 12 },
])('$text', ({ text, want }) => {
  expect(parseSize(text)).toBe(want);
});
