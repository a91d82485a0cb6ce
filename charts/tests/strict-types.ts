import * as models from '@kubernetes/client-node';
import type { KubeObject } from '../../lib/kube/objects.ts';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

interface Model {
  getAttributeTypeMap(): readonly Attribute[];
}

const byName = models as unknown as Readonly<Record<string, Model | undefined>>;

/** `apps/v1` Deployment is V1Deployment. */
function modelOf({ apiVersion, kind }: KubeObject): string {
  const version = apiVersion.split('/').at(-1) ?? '';
  return `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
}

/** Fields that Kubernetes does not know and values of a wrong type, as the official client's own models say. */
export function checkTypes(object: KubeObject): string[] {
  const model = modelOf(object);
  return byName[model] === undefined ? [`${model}: not a kind of Kubernetes`] : checkValue(object, model, object.kind);
}

function checkValue(value: unknown, type: string, path: string): string[] {
  const list = /^Array<(.+)>$/u.exec(type)?.[1];
  if (list !== undefined) {
    return Array.isArray(value)
      ? value.flatMap((item: unknown, index) => checkValue(item, list, `${path}[${index}]`))
      : [`${path}: want a list`];
  }
  const values = /^\{ \[key: string\]: (.+); \}$/u.exec(type)?.[1];
  if (values !== undefined) {
    return isMap(value)
      ? Object.entries(value).flatMap(([key, item]) => checkValue(item, values, `${path}.${key}`))
      : [`${path}: want a map`];
  }
  const model = byName[type];
  return typeof model?.getAttributeTypeMap === 'function'
    ? checkModel(value, model, path)
    : checkScalar(value, type, path);
}

function checkModel(value: unknown, model: Model, path: string): string[] {
  if (!isMap(value)) {
    return [`${path}: want an object`];
  }
  const attributes = new Map(model.getAttributeTypeMap().map(({ baseName, type }) => [baseName, type]));
  return Object.entries(value).flatMap(([name, field]) => {
    const type = attributes.get(name);
    return type === undefined ? [`${path}.${name}: unknown field`] : checkValue(field, type, `${path}.${name}`);
  });
}

function checkScalar(value: unknown, type: string, path: string): string[] {
  const wanted: Readonly<Record<string, readonly string[]>> = {
    string: ['string'],
    number: ['number'],
    boolean: ['boolean'],
    IntOrString: ['string', 'number'],
    Date: ['string'],
  };
  const fits = wanted[type]?.includes(typeof value) ?? true;
  return fits ? [] : [`${path}: want ${type}, got ${typeof value}`];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
