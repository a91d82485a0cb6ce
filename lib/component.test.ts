import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { type Component, type Host, runComponent } from './component.ts';
import type { ComponentConfig } from './component-config.ts';
import { ConfigError } from './errors.ts';
import { untilAborted } from './lifecycle.ts';

const config: ComponentConfig = {
  kube: { kind: 'direct', url: 'http://127.0.0.1:1' },
  namespaces: [],
  logLevel: 'silent',
  admin: { host: '127.0.0.1', port: 0 },
};
const never = new Promise<never>(() => undefined);

function makeHost(): Host & { readonly signals: EventEmitter; readonly exits: number[]; text: string } {
  const signals = new EventEmitter();
  const exits: number[] = [];
  const host = {
    signals,
    exits,
    text: '',
    env: {},
    stderr: { write: (part: string) => (host.text += part) },
    on: (signal: string, handler: () => void) => signals.on(signal, handler),
    exit: (code: number) => exits.push(code),
  };
  return host;
}

function makeComponent(run: (signal: AbortSignal) => Promise<void>): Component<ComponentConfig> {
  return { name: 'part', loadConfig: () => config, make: () => ({ name: 'part', run }) };
}

it.each(['SIGTERM', 'SIGINT'])('%s stops it, and it ends with 0 once it has drained', async (name) => {
  const host = makeHost();
  const drained = Promise.withResolvers<undefined>();
  const running = runComponent(
    makeComponent(async (signal) => {
      host.signals.emit(name);
      await untilAborted(never, signal);
      await drained.promise;
    }),
    host,
  );
  await new Promise(setImmediate);
  expect(host.exits).toEqual([]);
  drained.resolve(undefined);
  await running;
  expect(host.exits).toEqual([0]);
});

it('a second signal ends it at once', async () => {
  const host = makeHost();
  await runComponent(
    makeComponent(() => {
      host.signals.emit('SIGTERM');
      host.signals.emit('SIGTERM');
      expect(host.exits).toEqual([1]);
      return Promise.resolve();
    }),
    host,
  );
});

it('a mistake in the settings is 64 and its sentence alone', async () => {
  const host = makeHost();
  const component = {
    ...makeComponent(() => Promise.resolve()),
    loadConfig: () => {
      throw new ConfigError(['FLINT_X is wrong']);
    },
  };
  await runComponent(component, host);
  expect(host).toMatchObject({ exits: [64], text: 'FLINT_X is wrong\n' });
});

it('anything else that fails is 1, with its stack', async () => {
  const host = makeHost();
  await runComponent(
    makeComponent(() => Promise.reject(new Error('it broke'))),
    host,
  );
  expect(host.exits).toEqual([1]);
  expect(host.text).toMatch(/it broke\n\s+at /u);
});
