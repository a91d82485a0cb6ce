import { expect, it } from 'vitest';
import { ConfigError } from '../lib/errors.ts';
import { loadConfig } from './config.ts';

it('has a default for everything but the API server, which a Pod knows by itself', () => {
  expect(loadConfig({ KUBERNETES_SERVICE_HOST: '10.0.0.1' })).toMatchObject({
    kube: { kind: 'in-cluster', url: 'https://10.0.0.1:443' },
    logLevel: 'info',
    admin: { host: '::', port: 9090 },
    leaderElection: true,
    namespace: 'flint-system',
    instance: 'flint-operator',
    urls: { domains: [], clusterDomain: 'cluster.local', scheme: 'http', port: 0 },
    activatorService: 'activator.flint-system.svc.cluster.local',
    allowHostAccess: false,
  });
});

it('takes what the environment says', () => {
  const env = {
    FLINT_KUBE_URL: 'http://127.0.0.1:1',
    FLINT_NAMESPACES: 'shop, blog,shop',
    FLINT_LOG_LEVEL: 'debug',
    FLINT_ADMIN_PORT: '0',
    FLINT_LEADER_ELECTION: 'false',
    FLINT_NAMESPACE: 'functions',
    HOSTNAME: 'flint-operator-7d4b9-x2x1z',
    FLINT_DOMAINS: 'example.com, example.org',
    FLINT_URL_SCHEME: 'https',
    FLINT_URL_PORT: '8443',
    FLINT_ALLOW_HOST_ACCESS: 'true',
  };
  expect(loadConfig(env)).toMatchObject({
    kube: { kind: 'direct', url: 'http://127.0.0.1:1' },
    // One that is listed twice would be watched twice, and each of its objects found twice.
    namespaces: ['shop', 'blog'],
    logLevel: 'debug',
    admin: { port: 0 },
    leaderElection: false,
    namespace: 'functions',
    instance: 'flint-operator-7d4b9-x2x1z',
    urls: { domains: ['example.com', 'example.org'], scheme: 'https', port: 8443 },
    allowHostAccess: true,
  });
});

it('names every mistake at once', () => {
  const env = { FLINT_LEADER_ELECTION: 'yes', FLINT_URL_PORT: '70000', FLINT_URL_SCHEME: 'ftp' };
  let mistakes: readonly string[] = [];
  try {
    loadConfig(env);
  } catch (error) {
    mistakes = error instanceof ConfigError ? error.mistakes : [];
  }
  expect(mistakes.map((mistake) => mistake.split(' ')[0]).sort()).toEqual(Object.keys(env).sort());
});
