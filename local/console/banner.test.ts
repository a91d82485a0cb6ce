import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { ReadyFile } from '../launch/ready-file.ts';
import { renderBanner } from './banner.ts';

const project = resolve(import.meta.dirname, '../..');
const ready: ReadyFile = {
  url: 'http://127.0.0.1:8080',
  apiUrl: 'http://127.0.0.1:6443',
  kubeconfig: join(project, '.flint/kubeconfig'),
  domains: ['localhost'],
  activatorAdminUrl: 'http://127.0.0.1:9090',
  operatorAdminUrl: 'http://127.0.0.1:9091',
  processes: { operator: 2, activator: 3 },
};

it('is what the README shows', async () => {
  const readme = await readFile(join(project, 'README.md'), 'utf8');
  expect(readme).toContain(
    renderBanner(ready, { cwd: project, startedMs: 1300, functionHost: 'hello.default' }).trim(),
  );
});

it('names the kubeconfig in full when it is not below the working folder, and the port and domain that were chosen', () => {
  const banner = renderBanner(
    { ...ready, url: 'http://127.0.0.1:9000', domains: ['fn.test'], kubeconfig: '/data/kubeconfig' },
    { cwd: project, startedMs: 900, functionHost: 'hello.default' },
  );
  expect(banner).toContain("curl 'http://hello.default.fn.test:9000/?name=you'");
  expect(banner).toContain('kubectl --kubeconfig /data/kubeconfig get functions,pods');
  expect(banner).not.toContain('npm run');
});

it('names a function there is, and how to make one where there is none', () => {
  const context = { cwd: project, startedMs: 900 };
  expect(renderBanner(ready, { ...context, functionHost: 'cart.shop' })).toContain(
    "curl 'http://cart.shop.localhost:8080/",
  );
  const empty = renderBanner(ready, { ...context, functionHost: undefined });
  expect(empty).toContain('http://NAME.NAMESPACE.localhost:8080');
  expect(empty).toContain('kubectl --kubeconfig .flint/kubeconfig apply -f examples/hello.yaml');
});
