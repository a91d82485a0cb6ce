import type { FunctionObject, FunctionSpec, FunctionStatus } from '../../lib/api/function.ts';
import { labels } from '../../lib/api/names.ts';
import { apiVersion } from '../../lib/api/resources.ts';
import type { Revision, RevisionSpec } from '../../lib/api/revision.ts';
import type { Runtime, RuntimeSpec } from '../../lib/api/runtime.ts';
import type { Condition, ObjectMeta } from '../../lib/kube/objects.ts';

/** Objects as the API server would give them; a test names only what it is about. */

export function aFunction(spec: Partial<FunctionSpec> = {}, status?: FunctionStatus): FunctionObject {
  return {
    apiVersion,
    kind: 'Function',
    metadata: { name: 'hello', namespace: 'shop', uid: 'uid-of-hello', generation: 1 },
    spec: { runtime: 'nodejs', source: { inline: 'export default () => new Response();' }, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

export interface RevisionTraits extends Partial<
  Pick<ObjectMeta, 'annotations' | 'creationTimestamp' | 'deletionTimestamp'>
> {
  readonly spec?: Partial<RevisionSpec>;
  readonly ready?: Partial<Condition>;
  readonly active?: Partial<Condition>;
  readonly replicas?: number;
}

/** Without traits it was made and not looked at yet. */
export function aRevision(name: string, { spec, ready, active, replicas, ...metadata }: RevisionTraits = {}): Revision {
  const conditions = [
    ...(ready === undefined ? [] : [aCondition('Ready', ready)]),
    ...(active === undefined ? [] : [aCondition('Active', active)]),
  ];
  return {
    apiVersion,
    kind: 'Revision',
    metadata: { name, namespace: 'shop', uid: `uid-of-${name}`, labels: { [labels.function]: 'hello' }, ...metadata },
    spec: { functionName: 'hello', image: 'nodejs:1', port: 8080, protocol: 'Http1', runtime: 'nodejs', ...spec },
    ...(conditions.length === 0 ? {} : { status: { conditions, replicas: replicas ?? 0 } }),
  };
}

export function aReadyRevision(name: string, traits: RevisionTraits = {}): Revision {
  return aRevision(name, { ready: { status: 'True' }, ...traits });
}

export function aCondition(type: string, traits: Partial<Condition> = {}): Condition {
  return { type, status: 'True', reason: 'Any', message: '', lastTransitionTime: '2026-01-01T00:00:00Z', ...traits };
}

export function aRuntime(spec: Partial<RuntimeSpec> = {}): Runtime {
  return {
    apiVersion,
    kind: 'Runtime',
    metadata: { name: 'nodejs', uid: 'uid-of-nodejs' },
    spec: { image: 'nodejs:1', entryFiles: ['index.mjs', 'index.js'], ...spec },
  };
}
