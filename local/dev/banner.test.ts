import { expect, it } from 'vitest';
import { renderBanner, shorten } from './banner.ts';

it('the banner says where each function answers, and of which file', () => {
  const banner = renderBanner({
    functions: [
      { name: 'hello', path: '/home/ada/hello.mjs' },
      { name: 'greeting', path: '/src/greeting' },
    ],
    port: '8080',
    kubeconfig: '.flint/dev/kubeconfig',
    cwd: '/home/ada',
    startedMs: 900,
  });
  expect(banner).toContain('  http://hello.default.localhost:8080      hello.mjs\n');
  expect(banner).toContain('  http://greeting.default.localhost:8080   /src/greeting\n');
  expect(banner).toContain('npm run -s kubectl -- --kubeconfig .flint/dev/kubeconfig get');
});

it('a path is short only below where the user stands', () => {
  expect(shorten('/home/ada/src/a.mjs', '/home/ada')).toBe('src/a.mjs');
  expect(shorten('/home/ada', '/home/ada')).toBe('/home/ada');
  expect(shorten('/home/bob/a.mjs', '/home/ada')).toBe('/home/bob/a.mjs');
});
