import { describe, expect, it } from 'vitest';
import { makeBuiltInKinds } from '../kinds/builtin.ts';
import { makeOpenApiIndex, readOpenApiDocument } from './openapi.ts';

interface Component {
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Component>>;
  readonly 'x-kubernetes-group-version-kind'?: readonly { readonly kind: string }[];
}

const kinds = makeBuiltInKinds();
const roots = Object.keys((makeOpenApiIndex(kinds, '') as { paths: object }).paths);

function componentsOf(root: string): Readonly<Record<string, Component>> {
  const document = readOpenApiDocument(kinds, root);
  return (JSON.parse(document) as { components: { schemas: Record<string, Component> } }).components.schemas;
}

describe('the OpenAPI documents', () => {
  it.for(roots)('every reference of %s leads somewhere', (root) => {
    const components = componentsOf(root);
    const references = [...readOpenApiDocument(kinds, root).matchAll(/"#\/components\/schemas\/([^"]+)"/gu)];
    expect(references).not.toEqual([]);
    expect(references.map(([, name = '']) => name).filter((name) => !(name in components))).toEqual([]);
  });

  it('have the fields of the built-in kinds, with what they are for and which must be there', () => {
    const container = componentsOf('api/v1')['io.k8s.api.core.v1.Container'];
    expect(container?.required).toEqual(['name']);
    expect(container?.properties?.['args']).toMatchObject({ type: 'array', items: { type: 'string' } });
    expect(container?.properties?.['args']?.description).toMatch(/^Arguments to the entrypoint\./u);
    expect(container?.properties?.['image']?.description).not.toContain('\\');
    const strategy = componentsOf('apis/apps/v1')['io.k8s.api.apps.v1.DeploymentStrategy'];
    expect(Object.keys(strategy?.properties ?? {})).toEqual(['type', 'rollingUpdate']);
  });

  it('tell of a kind that does not run here what to use instead', () => {
    const job = componentsOf('apis/batch/v1')['io.k8s.api.batch.v1.Job'];
    expect(job?.description).toMatch(/has no Job: write a Function/u);
  });

  it('are made once as long as no kind comes or goes', () => {
    expect(readOpenApiDocument(kinds, 'api/v1')).toBe(readOpenApiDocument(kinds, 'api/v1'));
    expect(() => readOpenApiDocument(kinds, 'apis/none/v1')).toThrow('could not find the requested resource');
  });
});
