import type { FunctionSource } from '../../lib/api/function.ts';
import type { ConfigMap, Pod } from '../../lib/kube/objects.ts';

/** By whose name the test's own hand writes. */
export const user = { fieldManager: 'kubectl' };

export const inline = (text: string): { source: FunctionSource } => ({
  source: { inline: `export default () => new Response('${text}');` },
});

export function aConfigMap(data: Record<string, string>, name = 'code'): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
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
