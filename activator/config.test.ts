import { describe, expect, it } from 'vitest';
import { ConfigError } from '../lib/errors.ts';
import { loadConfig } from './config.ts';

const kube = { FLINT_KUBE_URL: 'http://127.0.0.1:1' };

describe('the configuration of the activator', () => {
  it('has a default for everything but the cluster', () => {
    expect(loadConfig(kube)).toEqual({
      kube: { kind: 'direct', url: 'http://127.0.0.1:1' },
      namespaces: [],
      logLevel: 'info',
      accessLog: false,
      admin: { host: '::', port: 9090 },
      hosts: { domains: [], clusterDomain: 'cluster.local' },
      server: {
        listen: { host: '::', port: 8080 },
        maxConnections: 20_000,
        maxHeaderBytes: 32_768,
        headerMs: 30_000,
        keepAliveMs: 75_000,
        drain: { lameDuckMs: 5000, drainMs: 30_000 },
      },
      limits: {
        maxInFlight: 10_000,
        maxBodyBytes: 0,
        maxBufferedBytes: 268_435_456,
        queue: { maxRequests: 10_000, maxBytes: 268_435_456 },
      },
      upstream: { connectMs: 2000, keepAliveMs: 4000, maxAttempts: 3 },
      maxScaleWrites: 16,
    });
  });

  const cases = [
    { env: { FLINT_LISTEN_PORT: '0' }, want: { server: { listen: { port: 0 } } } },
    { env: { FLINT_DOMAINS: ' a.com, localhost,' }, want: { hosts: { domains: ['a.com', 'localhost'] } } },
    { env: { FLINT_NAMESPACES: 'shop,bar' }, want: { namespaces: ['shop', 'bar'] } },
    { env: { FLINT_ACCESS_LOG: 'true' }, want: { accessLog: true } },
    {
      env: { FLINT_LAME_DUCK: '0s', FLINT_DRAIN_TIMEOUT: '2m' },
      want: { server: { drain: { lameDuckMs: 0, drainMs: 120_000 } } },
    },
    { env: { FLINT_MAX_WAITING: '5' }, want: { limits: { queue: { maxRequests: 5 } } } },
    { env: { FLINT_UPSTREAM_KEEP_ALIVE: '500ms' }, want: { upstream: { keepAliveMs: 500 } } },
  ];
  for (const { env, want } of cases) {
    it(`takes ${JSON.stringify(env)}`, () => {
      expect(loadConfig({ ...kube, ...env })).toMatchObject(want);
    });
  }

  it('lists all mistakes together, each with its name, its value and what is allowed', () => {
    const env = {
      ...kube,
      FLINT_LISTEN_PORT: '70000',
      FLINT_DRAIN_TIMEOUT: '30',
      FLINT_LOG_LEVEL: 'loud',
      FLINT_ACCESS_LOG: 'yes',
    };
    try {
      loadConfig(env);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      const { mistakes } = error as ConfigError;
      expect(mistakes).toHaveLength(4);
      expect(mistakes.join('\n')).toMatch(/FLINT_LOG_LEVEL is 'loud'.*FLINT_LISTEN_PORT is '70000'.*65535/su);
    }
  });
});
