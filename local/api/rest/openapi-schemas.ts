import { type FieldType, knownMessages, type Leaf, type MessageField } from '../protobuf/messages.ts';
import { docsOf } from './field-docs.ts';

/** Schemas of the Go types of Kubernetes, one a component, as kubectl explain reads them. */

const packages: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis.meta.v1',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
};

/** `core.Pod` → `io.k8s.api.core.v1.Pod` */
export function componentName(struct: string): string {
  const [group = '', name = ''] = struct.split('.');
  return `${packages[group] ?? `io.k8s.api.${group}.v1`}.${name}`;
}

export function refTo(component: string): object {
  return { $ref: `#/components/schemas/${component}` };
}

const time = `${packages['meta'] ?? ''}.Time`;
const microTime = `${packages['meta'] ?? ''}.MicroTime`;
const quantity = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const intOrString = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

const leaves: Readonly<Record<Leaf, object>> = {
  string: { type: 'string' },
  bytes: { type: 'string', format: 'byte' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' },
  time: refTo(time),
  microTime: refTo(microTime),
  quantity: refTo(quantity),
  intOrString: refTo(intOrString),
  raw: { type: 'object' },
  any: { 'x-kubernetes-preserve-unknown-fields': true },
};

/** What the schemas refer to and no Go struct stands behind. */
export const scalarComponents: Readonly<Record<string, object>> = {
  [time]: { type: 'string', format: 'date-time' },
  [microTime]: { type: 'string', format: 'date-time' },
  [quantity]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
  [intOrString]: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
};

/** One of `components/schemas`. */
export interface GoComponent {
  readonly type: 'object';
  readonly description: string;
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, object>>;
}

/** The component of every Go type that can be reached from these. */
export function goComponents(roots: readonly string[]): Record<string, object> {
  const components: Record<string, object> = {};
  const open = [...roots];
  for (let struct = open.pop(); struct !== undefined; struct = open.pop()) {
    const name = componentName(struct);
    if (!(name in components)) {
      components[name] = goComponent(struct);
      open.push(...fieldsOf(struct).flatMap(({ type }) => structsIn(type)));
    }
  }
  return components;
}

function fieldsOf(struct: string): readonly MessageField[] {
  const fields = [...(knownMessages().get(struct)?.values() ?? [])];
  return fields.flatMap((field) =>
    field.name === '' && field.type.of === 'message' ? fieldsOf(field.type.message) : [field],
  );
}

function structsIn(type: FieldType): string[] {
  switch (type.of) {
    case 'leaf':
      return [];
    case 'message':
      return [type.message];
    case 'list':
    case 'map':
      return structsIn(type.values);
  }
}

/** A kind's component stands as it is; what it refers to has its own. */
export function goComponent(struct: string): GoComponent {
  const docs = docsOf(struct);
  const fields = fieldsOf(struct);
  const required = fields.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const properties = fields.map(({ name, type }) => {
    const described = docs.fields.get(name) ?? (type.of === 'message' ? docsOf(type.message).type : '');
    return [name, { description: described, ...schemaOf(type) }] as const;
  });
  return {
    type: 'object',
    description: docs.type,
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(properties),
  };
}

function schemaOf(type: FieldType): object {
  switch (type.of) {
    case 'list':
      return { type: 'array', items: schemaOf(type.values) };
    case 'map':
      return { type: 'object', additionalProperties: schemaOf(type.values) };
    case 'message':
      return { allOf: [refTo(componentName(type.message))] };
    case 'leaf':
      return '$ref' in leaves[type.leaf] ? { allOf: [leaves[type.leaf]] } : leaves[type.leaf];
  }
}
