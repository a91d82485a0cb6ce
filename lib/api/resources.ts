import type { Resource } from '../kube/resources.ts';
import type { FunctionObject } from './function.ts';
import type { Revision } from './revision.ts';
import type { Runtime } from './runtime.ts';

export const apiGroup = 'flint.dev';
export const apiVersion = 'flint.dev/v1alpha1';

export const functions: Resource<FunctionObject> = own('functions', 'Function', true);
export const revisions: Resource<Revision> = own('revisions', 'Revision', true);
export const runtimes: Resource<Runtime> = own('runtimes', 'Runtime', false);

function own<T extends FunctionObject | Revision | Runtime>(
  plural: string,
  kind: string,
  namespaced: boolean,
): Resource<T> {
  return { group: apiGroup, version: 'v1alpha1', plural, kind, namespaced };
}
