import { expect, it } from 'vitest';
import { checkTypes } from './strict-types.ts';

it('of wrong objects the check of types tells the field', () => {
  const wrong = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a' },
    spec: { replicas: '2', selector: {}, template: { spec: { containers: [{ name: 'main', imag: 'x' }] } } },
  };
  expect(checkTypes(wrong)).toEqual([
    'Deployment.spec.replicas: want number, got string',
    'Deployment.spec.template.spec.containers[0].imag: unknown field',
  ]);
});
