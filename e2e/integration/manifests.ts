import type { FunctionSource } from '../../lib/api/function.ts';
import type { ConfigMap, Deployment, Pod, Service } from '../../lib/kube/objects.ts';

/** By whose name the test's own hand writes. */
export const user = { fieldManager: 'kubectl' };

export const inline = (text: string): { source: FunctionSource } => ({
  source: { inline: `export default () => new Response('${text}');` },
});

export function aConfigMap(data: Record<string, string>, name = 'code'): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
}

/** One that nobody here made. */
export function aForeignDeployment(name: string): Deployment {
  const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'x', image: 'x' }] } };
  const spec = { selector: { matchLabels: { app: 'x' } }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'shop' }, spec };
}

export function aForeignService(name: string): Service {
  const spec = { ports: [{ port: 80 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'shop' }, spec };
}

export const readyStatus = {
  phase: 'Running',
  podIP: '10.0.0.1',
  conditions: [{ type: 'Ready', status: 'True' }],
} as Pod['status'];

/** A Pod whose container ended. */
export function crashedStatus(exitCode: number, message: string): Pod['status'] {
  const state = { terminated: { exitCode, message } };
  return {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False' }],
    containerStatuses: [{ name: 'function', image: 'x', imageID: '', ready: false, restartCount: 0, state }],
  };
}
