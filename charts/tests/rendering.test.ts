import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { loadConfig as loadActivatorConfig } from '../../activator/config.ts';
import { loadConfig as loadOperatorConfig } from '../../operator/config.ts';
import { chart, find, helm, project, render, type Rendered, renderText, type Values } from './chart.ts';
import { checkTypes } from './strict-types.ts';

const everything: Values = {
  domains: ['fn.test', 'other.test'],
  ingress: { enabled: true, namespaces: ['shop', 'blog'], className: 'nginx', tlsSecretName: 'wildcard' },
  httpRoute: { enabled: true, parentRefs: [{ name: 'public', namespace: 'gateways' }] },
  networkPolicies: { enabled: true, metricsFrom: { namespaceSelector: { matchLabels: { name: 'monitoring' } } } },
  podMonitor: { enabled: true },
  alerts: { enabled: true },
  dashboard: { enabled: true },
  image: { registry: 'registry.test/flint', pullSecrets: ['pull'] },
  operator: {
    tolerations: [{ key: 'a', operator: 'Exists' }],
    nodeSelector: { disk: 'ssd' },
    priorityClassName: 'high',
  },
  activator: { service: { type: 'LoadBalancer', annotations: { 'lb.test/kind': 'internal' } } },
  commonLabels: { team: 'platform' },
};

const installations: readonly { readonly name: string; readonly values: Values }[] = [
  { name: 'defaults', values: {} },
  { name: 'everything', values: everything },
  { name: 'some namespaces only', values: { scope: 'namespaced', namespaces: ['shop', 'blog'] } },
  {
    name: 'one operator, no CRDs, no runtime',
    values: { operator: { replicas: 1 }, crds: { enabled: false }, runtimes: { nodejs: { enabled: false } } },
  },
  { name: 'service monitors', values: { serviceMonitor: { enabled: true, labels: { release: 'prometheus' } } } },
  { name: 'a node port', values: { activator: { service: { type: 'NodePort', nodePort: 30080 } } } },
];

/** Kinds that Kubernetes itself does not have; the CRDs of these are others' business. */
const foreignKinds = ['HTTPRoute', 'PodMonitor', 'ServiceMonitor', 'PrometheusRule', 'Function'];

describe.each(installations)('$name', ({ values }) => {
  it('has no field that Kubernetes does not know and no value of another type', async () => {
    const objects = (await render(values)).filter(({ kind }) => !foreignKinds.includes(kind));
    // A schema contains itself; the server is its judge.
    const checked = objects.filter(({ kind }) => kind !== 'CustomResourceDefinition');
    expect(checked.flatMap(checkTypes)).toEqual([]);
    expect(checked.length).toBeGreaterThan(10);
  });

  it('is the same every time', async () => {
    expect(await renderText(values)).toBe(await renderText(values));
  });

  it('has objects with distinct names, in the release’s namespace or in one that is served', async () => {
    const objects = await render(values);
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    const served = ['flint-system', undefined, ...((values['namespaces'] as string[] | undefined) ?? [])];
    expect(objects.filter(({ metadata }) => !served.includes(metadata.namespace))).toEqual([]);
  });

  it('tells its components nothing that they do not understand', async () => {
    const objects = await render(values);
    for (const [name, load] of [
      ['operator', loadOperatorConfig],
      ['activator', loadActivatorConfig],
    ] as const) {
      const env = envOf(find(objects, 'Deployment', `flint-${name}`));
      const read = new Set<string>();
      load(new Proxy(env, { get: (target, key) => (read.add(String(key)), Reflect.get(target, key) as string) }));
      expect(Object.keys(env).filter((key) => !read.has(key))).toEqual([]);
    }
  });
});

interface Container {
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name: string }[];
  readonly livenessProbe: { readonly periodSeconds: number; readonly failureThreshold: number };
}

interface Workload {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly Container[] };
    };
  };
}

function templateOf(deployment: Rendered): Workload['spec']['template'] {
  return (deployment as unknown as Workload).spec.template;
}

function containerOf(deployment: Rendered): Container {
  const [container] = templateOf(deployment).spec.containers;
  if (container === undefined) {
    throw new Error('a Deployment without a container');
  }
  return container;
}

function envOf(deployment: Rendered): Record<string, string> {
  const env = (containerOf(deployment).env ?? []).map(({ name, value = '' }) => [name, value] as const);
  return { KUBERNETES_SERVICE_HOST: '10.0.0.1', ...Object.fromEntries(env) };
}

it('what the values say reaches the components', async () => {
  const objects = await render({
    scope: 'namespaced',
    namespaces: ['shop', 'blog'],
    domains: ['fn.test'],
    clusterDomain: 'corp.local',
    url: { scheme: 'https', port: 8443 },
    activator: { lameDuckSeconds: 7, drainSeconds: 60, accessLog: true, limits: { maxInFlight: 5 } },
  });
  expect(loadOperatorConfig(envOf(find(objects, 'Deployment', 'flint-operator')))).toMatchObject({
    namespaces: ['shop', 'blog'],
    activatorService: 'flint-activator.flint-system.svc.corp.local',
    urls: { domains: ['fn.test'], clusterDomain: 'corp.local', scheme: 'https', port: 8443 },
    leaderElection: true,
    namespace: 'flint-system',
  });
  const activator = find(objects, 'Deployment', 'flint-activator');
  expect(loadActivatorConfig(envOf(activator))).toMatchObject({
    namespaces: ['shop', 'blog'],
    accessLog: true,
    limits: { maxInFlight: 5 },
    server: { drain: { lameDuckMs: 7000, drainMs: 60_000 } },
  });
  // The kubelet waits longer than the activator needs.
  expect(activator).toMatchObject({ spec: { template: { spec: { terminationGracePeriodSeconds: 77 } } } });
});

it('every Pod is as the restricted profile wants it', async () => {
  const objects = await render(everything);
  const specs = objects.flatMap((object) => {
    const spec = object['spec'] as { template?: { spec: unknown } } | undefined;
    return object.kind === 'Pod' ? [spec] : object.kind === 'Deployment' ? [spec?.template?.spec] : [];
  });
  expect(specs).toHaveLength(3);
  for (const spec of specs) {
    expect(spec).toMatchObject({
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          resources: {
            requests: { memory: expect.any(String) as string },
            limits: { memory: expect.any(String) as string },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    });
  }
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** `verb group/resource` of everything that a component may do. */
function permissions(objects: readonly Rendered[], component: string): string[] {
  const roles = objects.filter(
    ({ kind, metadata }) =>
      (kind === 'ClusterRole' || kind === 'Role') && metadata.name.startsWith(`flint-${component}`),
  );
  const rules = roles.flatMap((role) => role['rules'] as Rule[]);
  return [
    ...new Set(
      rules.flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
        ),
      ),
    ),
  ].toSorted();
}

describe('permissions', () => {
  it('of the activator are those of its design', async () => {
    expect(permissions(await render(), 'activator')).toEqual(
      [
        'get flint.dev/revisions',
        'list /pods',
        'list flint.dev/functions',
        'list flint.dev/revisions',
        'patch /pods',
        'patch apps/deployments/scale',
        'patch flint.dev/revisions/status',
        'watch /pods',
        'watch flint.dev/functions',
        'watch flint.dev/revisions',
      ].toSorted(),
    );
  });

  it('of the operator have no Secrets, no wildcard, and nothing deleted but Revisions', async () => {
    const all = permissions(await render(), 'operator');
    expect(all.filter((permission) => /secrets|\*|exec|impersonate|escalate|bind/u.test(permission))).toEqual([]);
    expect(all.filter((permission) => permission.startsWith('delete'))).toEqual(['delete flint.dev/revisions']);
  });

  it('are the same in some namespaces as in all of them, and cluster-wide only for Runtimes', async () => {
    const objects = await render({ scope: 'namespaced', namespaces: ['shop', 'blog'] });
    for (const component of ['operator', 'activator']) {
      expect(permissions(objects, component)).toEqual(permissions(await render(), component));
    }
    const clusterRoles = objects.filter(({ kind }) => kind === 'ClusterRole').map(({ metadata }) => metadata.name);
    expect(clusterRoles).toEqual(['flint-operator-runtimes', 'flint-edit', 'flint-view']);
  });
});

it('network policies select the Pods that are there, by the names of their ports', async () => {
  const objects = await render(everything);
  for (const component of ['operator', 'activator']) {
    const policy = find(objects, 'NetworkPolicy', `flint-${component}`) as unknown as {
      spec: { podSelector: { matchLabels: Record<string, string> }; ingress: { ports: { port: string }[] }[] };
    };
    const deployment = find(objects, 'Deployment', `flint-${component}`);
    const { labels } = templateOf(deployment).metadata;
    expect(labels).toMatchObject(policy.spec.podSelector.matchLabels);
    const ports = policy.spec.ingress.flatMap((rule) => rule.ports.map(({ port }) => port));
    const open = (containerOf(deployment).ports ?? []).map(({ name }) => name);
    expect(ports.toSorted()).toEqual(open.toSorted());
  }
});

it('selectors do not change with the version or with labels that users add', async () => {
  const selectors = async (values: Values): Promise<unknown[]> =>
    (await render(values)).flatMap((object) => {
      const { selector } = (object['spec'] ?? {}) as { selector?: unknown };
      return selector === undefined ? [] : [selector];
    });
  const [plain, labelled] = await Promise.all([
    selectors({}),
    selectors({ commonLabels: { team: 'a' }, image: { tag: '9.9.9' } }),
  ]);
  expect(labelled).toEqual(plain);
  expect(JSON.stringify(plain)).not.toContain('0.1.0');
});

it('the CRDs are those of the project, kept unless it is said otherwise', async () => {
  const crds = (objects: readonly Rendered[]): Rendered[] =>
    objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
  const kept = crds(await render());
  expect(kept).toHaveLength(3);
  for (const crd of kept) {
    const plural = crd.metadata.name.split('.')[0] ?? '';
    const own = load(readFileSync(join(project, `crds/${plural}.yaml`), 'utf8')) as Rendered;
    expect(crd['spec']).toEqual(own['spec']);
    expect(crd.metadata.annotations).toMatchObject({
      'helm.sh/resource-policy': 'keep',
      'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
    });
  }
  const [loose] = crds(await render({ crds: { keep: false } }));
  expect(loose?.metadata.annotations ?? {}).not.toHaveProperty(['helm.sh/resource-policy']);
  expect(crds(await render({ crds: { enabled: false } }))).toEqual([]);
});

it('a digest wins over the tag', async () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const objects = await render({ activator: { image: { digest } }, image: { registry: 'r.test', tag: '2.0.0' } });
  expect(containerOf(find(objects, 'Deployment', 'flint-activator')).image).toBe(`r.test/activator@${digest}`);
  expect(containerOf(find(objects, 'Deployment', 'flint-operator')).image).toBe('r.test/operator:2.0.0');
});

it('alerts and the dashboard ask for metrics that exist', async () => {
  const sources = ['activator/metrics.ts', 'lib/kube/controller-metrics.ts', 'lib/process-metrics.ts'];
  const code = (await Promise.all(sources.map((file) => readFile(join(project, file), 'utf8')))).join('\n');
  const asked = ['alerts.yaml', 'dashboard.json'].flatMap((file) => [
    ...readFileSync(join(chart, 'files', file), 'utf8').matchAll(/\b(?:flint|workqueue|process|nodejs)_[a-z_]+/gu),
  ]);
  const names = [...new Set(asked.map(([name]) => name.replace(/_bucket$/u, '')))];
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !code.includes(`'${name}'`))).toEqual([]);
});

it('an alert fires for one watch that is refused, which is tried again once a minute at the least', () => {
  const alerts = readFileSync(join(chart, 'files/alerts.yaml'), 'utf8');
  const [, threshold] = /flint_watch_failures_total\[5m\]\)\) > (?<rate>[\d.]+)/u.exec(alerts) ?? [];
  expect(Number(threshold)).toBeGreaterThan(0);
  expect(Number(threshold)).toBeLessThan(1 / 60);
});

it('a component that does not answer is given a minute before it is restarted', async () => {
  const objects = await render(everything);
  for (const component of ['operator', 'activator']) {
    const { livenessProbe } = containerOf(find(objects, 'Deployment', `flint-${component}`));
    expect(livenessProbe.periodSeconds * livenessProbe.failureThreshold).toBeGreaterThanOrEqual(60);
  }
});

it('no template asks the cluster, the clock or chance', async () => {
  const templates = (await readdir(join(chart, 'templates'), { recursive: true })).filter((name) =>
    /\.(yaml|tpl|txt)$/u.test(name),
  );
  const texts = await Promise.all(templates.map((name) => readFile(join(chart, 'templates', name), 'utf8')));
  const forbidden =
    /\b(lookup|now|date|randAlpha\w*|randNumeric|randBytes|uuidv4|genCA|genSelfSignedCert|genPrivateKey)\b/u;
  const actions = texts.flatMap((text) => [...text.matchAll(/\{\{(?!-?\s*\/\*)[^}]*\}\}/gu)].map(([action]) => action));
  expect(actions.length).toBeGreaterThan(50);
  expect(actions.filter((action) => forbidden.test(action))).toEqual([]);
});

it('helm lint --strict has nothing to say', async () => {
  expect(await helm(['lint', '--strict', chart])).toContain('0 chart(s) failed');
});
