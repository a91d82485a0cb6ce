import { describe, expect, it } from 'vitest';
import { makeMounts, rewritePath } from './mounts.ts';

describe('a path in a container', () => {
  const mounts = makeMounts(
    {
      name: 'main',
      volumeMounts: [
        { name: 'code', mountPath: '/flint/code' },
        { name: 'extra', mountPath: '/flint/code/extra/' },
        { name: 'sub', mountPath: '/etc/app.conf', subPath: 'app.conf' },
        { name: 'gone', mountPath: '/gone' },
      ],
    },
    {
      volumes: new Map([
        ['code', '/data/code'],
        ['extra', '/data/extra'],
        ['sub', '/data/sub'],
      ]),
      terminationLog: '/data/log',
    },
  );
  const cases = [
    { value: '/flint/code', want: '/data/code' },
    { value: '/flint/code/', want: '/data/code' },
    { value: '/flint/code/index.js', want: '/data/code/index.js' },
    { value: '/flint/code/extra/a', want: '/data/extra/a' },
    { value: '/flint/codec', want: '/flint/codec' },
    { value: '/etc/app.conf', want: '/data/sub/app.conf' },
    { value: '/dev/termination-log', want: '/data/log' },
    { value: '/gone', want: '/gone' },
    { value: '--dir=/flint/code', want: '--dir=/flint/code' },
    { value: '', want: '' },
  ];
  for (const { value, want } of cases) {
    it(`'${value}' is '${want}' on disk`, () => {
      expect(rewritePath(value, mounts)).toBe(want);
    });
  }

  it('of a termination log that the container names itself is found', () => {
    const own = makeMounts(
      { name: 'main', terminationMessagePath: '/tmp/why' },
      { volumes: new Map(), terminationLog: '/data/log' },
    );
    expect(rewritePath('/tmp/why', own)).toBe('/data/log');
  });
});
