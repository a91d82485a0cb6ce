import { expect } from 'vitest';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { type Asking, crds, fieldManager } from './world.ts';

/** CRDs that a server is asked about in dry runs, and what it says. */

export const group = 'structural.flint.dev';

export interface Draft {
  readonly metadata?: object;
  readonly spec?: object;
  readonly names?: object;
  readonly version?: object;
}

export type Schema = Readonly<Record<string, unknown>>;

/** A sound CRD with the draft over it. */
export function makeCrd(openAPIV3Schema: Schema, { metadata, spec, names, version }: Draft = {}): KubeObject {
  const sound = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}`, ...metadata },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing', ...names },
      versions: [{ ...sound, ...version }],
      ...spec,
    },
  } as KubeObject;
}

/** `FIELD: MESSAGE` of each cause; empty when it is taken. @throws what is no refusal of a field */
export async function refusals(ask: Asking, crd: KubeObject): Promise<string[]> {
  try {
    await ask.client.create(crds, crd, { fieldManager, dryRun: true });
    return [];
  } catch (error) {
    if (!(error instanceof StatusError) || error.causes.length === 0) {
      throw error;
    }
    return error.causes.map(({ field = '', message = '' }) => `${field}: ${message}`);
  }
}

export const root = 'spec.validation.openAPIV3Schema';
export const at = `${root}.properties[spec]`;
/** An object whose only field has this schema. */
export const withSpec = (schema: Schema): Schema => ({ type: 'object', properties: { spec: schema } });
export const object = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });
export const list = (items: Schema | undefined, more: Schema = {}): Schema => ({
  type: 'array',
  ...(items === undefined ? {} : { items }),
  ...more,
});
export const text: Schema = { type: 'string' };
export const mapOf = (keys: string[] | undefined): Schema => ({
  'x-kubernetes-list-type': 'map',
  ...(keys === undefined ? {} : { 'x-kubernetes-list-map-keys': keys }),
});

export interface Case {
  readonly title: string;
  readonly schema: Schema;
  readonly field: string;
  readonly says: string;
}

/** Each is refused for its field, beside whatever else the server has against it. */
export async function expectRefused(ask: Asking, { schema, field, says }: Case): Promise<void> {
  const refused = await refusals(ask, makeCrd(schema));
  const ofField = refused.filter((line) => line.startsWith(`${field}: `) || line.startsWith(`${field}.`));
  expect(ofField).toContainEqual(expect.stringContaining(says));
}
