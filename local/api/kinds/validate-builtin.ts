import type { ConfigMap, Deployment, KubeObject } from '../../../lib/kube/objects.ts';
import { type FieldError, forbidden, invalidValue, required } from '../field-errors.ts';
import { deepEqual } from '../fields/structure.ts';

/** The refusals of built-in kinds that protect from real mistakes; a real server has many more. */

export function validateConfigMap(object: KubeObject, previous: KubeObject | undefined): FieldError[] {
  const [now, before] = [object as ConfigMap, previous as ConfigMap | undefined];
  if (before?.immutable !== true) {
    return [];
  }
  const errors: FieldError[] = [];
  const forbid = (field: string): void => {
    errors.push(forbidden(field, 'field is immutable when `immutable` is set'));
  };
  if (now.immutable !== true) {
    forbid('immutable');
  }
  if (!deepEqual(now.data, before.data)) {
    forbid('data');
  }
  if (!deepEqual(now.binaryData, before.binaryData)) {
    forbid('binaryData');
  }
  return errors;
}

export function validateWorkload(object: KubeObject, previous: KubeObject | undefined): FieldError[] {
  const [now, before] = [object as Deployment, previous as Deployment | undefined];
  const spec = now.spec as Partial<Deployment['spec']> | undefined;
  if (spec?.selector === undefined || spec.template === undefined) {
    return [required(spec?.selector === undefined ? 'spec.selector' : 'spec.template')];
  }
  return [...checkSelector(now.spec), ...checkSelectorChange(now.spec, before?.spec), ...checkReplicas(now.spec)];
}

function checkSelectorChange(now: Deployment['spec'], before: Deployment['spec'] | undefined): FieldError[] {
  return before === undefined || deepEqual(now.selector, before.selector)
    ? []
    : [invalidValue('spec.selector', now.selector, 'field is immutable')];
}

function checkReplicas({ replicas = 1 }: Deployment['spec']): FieldError[] {
  return Number.isInteger(replicas) && replicas >= 0
    ? []
    : [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')];
}

function checkSelector({ selector, template }: Deployment['spec']): FieldError[] {
  const labels = template.metadata?.labels ?? {};
  const wanted = Object.entries(selector.matchLabels ?? {});
  return wanted.every(([name, value]) => labels[name] === value)
    ? []
    : [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
}
