import type { FunctionSpec } from '../../lib/api/function.ts';
import type { FailureReason } from '../../lib/api/reasons.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { greeting } from './manifest.ts';

/** The code of the good function. */
export const good = greeting('mended');

/** A mistake, where it is told, and what mends it. */
export interface Row {
  readonly title: string;
  readonly reason: FailureReason;
  /** What its message says, on every cluster. */
  readonly says: RegExp;
  /** The condition that Ready sums up. */
  readonly condition?: 'Routed';
  /** Whether it may end without a change of the function: tools that wait for Ready wait on. */
  readonly progress: 'Reconciling' | 'Stalled';
  /** What is laid over the good function. */
  readonly spec: Partial<FunctionSpec>;
  /** There before the function, and no obstacle. */
  readonly present?: KubeObject;
  /** Stands in the way, and mends the function by its end. */
  readonly obstacle?: KubeObject;
  /** Mends the function by its coming. Without both the next apply does. */
  readonly missing?: KubeObject;
}

function configMap(name: string, data: Record<string, string>): KubeObject & { readonly data: object } {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

function secret(name: string, stringData: Record<string, string>): KubeObject & { readonly stringData: object } {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData };
}

function service(name: string): KubeObject & { readonly spec: object } {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } };
}

function quota(name: string, hard: object): KubeObject & { readonly spec: object } {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name }, spec: { hard } };
}

/** A function of this code. */
export const code = (inline: string): Partial<FunctionSpec> => ({ source: { inline } });

/** Comes to an end only after it is loaded, and before it has ever been ready. */
function doomed(inline: string): Partial<FunctionSpec> {
  const handler = "export default () => new Response('', { status: 503 });";
  return { ...code(`${inline}\n${handler}\n`), readinessProbe: { httpGet: { path: '/', port: 8080 } } };
}

export const rows: readonly Row[] = [
  {
    title: 'an image that no registry has',
    reason: 'ImagePullFailed',
    says: /image 127\.0\.0\.1:1\/none:1: .*127\.0\.0\.1:1\/none:1/su,
    progress: 'Reconciling',
    spec: { source: { image: '127.0.0.1:1/none:1' } },
  },
  {
    title: 'a process that ends by itself',
    reason: 'ContainerCrashed',
    says: /ended with exit code 70: .*it broke/u,
    progress: 'Reconciling',
    spec: doomed("setTimeout(() => { throw new Error('it broke'); }, 1500);"),
  },
  {
    title: 'a process that outgrows its memory',
    reason: 'ContainerCrashed',
    says: /OOMKilled.* exit code 137/u,
    progress: 'Reconciling',
    spec: {
      ...doomed('const all = []; setInterval(() => all.push(Buffer.alloc(2e7, 1)), 20);'),
      resources: { limits: { memory: '96Mi' } },
    },
  },
  {
    title: 'a handler that the file does not export',
    reason: 'HandlerNotFound',
    says: /none/u,
    progress: 'Stalled',
    spec: { handler: 'index.none' },
  },
  {
    title: 'code that does not parse',
    reason: 'CodeDidNotLoad',
    says: /SyntaxError: .*index\.mjs:2/u,
    progress: 'Stalled',
    spec: code('export default () =>\n  new Response("broken" };\n'),
  },
  {
    title: 'code that throws while it loads',
    reason: 'CodeDidNotLoad',
    says: /Error: no settings.*index\.mjs:2/u,
    progress: 'Stalled',
    spec: code(`const settings = undefined;\nif (!settings) throw new Error('no settings');\n${good}`),
  },
  {
    title: 'a node that there is not',
    reason: 'Unschedulable',
    says: /^(?:revision \S+ does not start: )?0\/\d+ nodes are available: .*node affinity\/selector/u,
    progress: 'Reconciling',
    spec: { nodeSelector: { 'flint.dev/no-such-node': 'true' } },
  },
  {
    title: 'more memory than the quota has left',
    reason: 'QuotaExceeded',
    says: /exceeded quota: small/u,
    progress: 'Reconciling',
    spec: {},
    obstacle: quota('small', { 'requests.memory': '1Mi' }),
  },
  {
    title: 'a limit that the quota counts and nobody states',
    reason: 'QuotaExceeded',
    says: /failed quota: counted: must specify limits\.cpu/u,
    progress: 'Reconciling',
    spec: {},
    obstacle: quota('counted', { 'limits.cpu': '8' }),
  },
  {
    title: 'a Runtime that there is not',
    reason: 'RuntimeNotFound',
    says: /there is no Runtime 'nodjs'/u,
    progress: 'Reconciling',
    spec: { runtime: 'nodjs' },
  },
  {
    title: 'a ConfigMap with code that is not there yet',
    reason: 'ConfigMapNotFound',
    says: /there is no ConfigMap 'late-code'/u,
    progress: 'Reconciling',
    spec: { source: { configMap: { name: 'late-code' } } },
    missing: configMap('late-code', { 'index.mjs': good }),
  },
  {
    title: 'a ConfigMap with variables that is not there yet',
    reason: 'ConfigMapNotFound',
    says: /configmap "late-variables" not found/u,
    progress: 'Reconciling',
    spec: { envFrom: [{ configMapRef: { name: 'late-variables' } }] },
    missing: configMap('late-variables', { A: '1' }),
  },
  {
    title: 'a key that a ConfigMap has not yet',
    reason: 'ConfigMapNotFound',
    says: /couldn't find key B in ConfigMap \S+\/half/u,
    progress: 'Reconciling',
    spec: { env: [{ name: 'B', valueFrom: { configMapKeyRef: { name: 'half', key: 'B' } } }] },
    present: configMap('half', { A: '1' }),
    missing: configMap('half', { A: '1', B: '2' }),
  },
  {
    title: 'a Secret that is not there yet',
    reason: 'SecretNotFound',
    says: /secret "late-secret" not found/u,
    progress: 'Reconciling',
    spec: { env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'late-secret', key: 'token' } } }] },
    missing: secret('late-secret', { token: 't' }),
  },
  {
    title: 'a Pod with power over its node',
    reason: 'InvalidPodTemplate',
    says: /power over its node: hostNetwork/u,
    progress: 'Stalled',
    spec: { podTemplate: { spec: { hostNetwork: true } } },
  },
  {
    title: 'a Pod that its own Deployment would not find',
    reason: 'InvalidPodTemplate',
    says: /`selector` does not match template `labels`/u,
    progress: 'Stalled',
    spec: { podTemplate: { metadata: { labels: { 'flint.dev/revision': 'other' } } } },
  },
  {
    title: 'a field that Pods do not have',
    reason: 'InvalidPodTemplate',
    says: /spec\.template\.spec\.hostNetwrk: field not declared in schema/u,
    progress: 'Stalled',
    spec: { podTemplate: { spec: { hostNetwrk: true } } },
  },
  {
    title: 'more files than a Revision may name',
    reason: 'FailedCreate',
    says: /must have at most 1024 items/u,
    progress: 'Reconciling',
    spec: { source: { configMap: { name: 'many-files' } } },
    present: configMap('many-files', {
      'index.mjs': good,
      ...Object.fromEntries(Array.from({ length: 1024 }, (_, index) => [`${index}.txt`, ''])),
    }),
  },
  {
    title: 'a Service of its name that is not its own',
    reason: 'NameTaken',
    says: /a Service 'named' exists that is not this function's/u,
    condition: 'Routed',
    progress: 'Stalled',
    spec: {},
    obstacle: service('named'),
  },
];
