import type { Schema } from '../local/api/schema/schema.ts';

/** The part of a CRD that its reference page is made of. */
export interface ReferenceCrd {
  readonly spec: {
    readonly names: { readonly kind: string; readonly shortNames?: readonly string[] };
    readonly scope: string;
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** A page of Markdown: one table for each object of the spec and the status. */
export function makeReference({ spec }: ReferenceCrd): string {
  const version = spec.versions[0];
  const schema = version?.schema.openAPIV3Schema ?? {};
  const { kind, shortNames = [] } = spec.names;
  const head = [
    `# ${kind}`,
    '',
    `\`flint.dev/${version?.name ?? ''}\`, ${spec.scope.toLowerCase()}, short name \`${shortNames.join('`, `')}\`. ${schema.description ?? ''}`,
    '',
    'Made from the CRD by `npm run generate`; `kubectl explain` says the same.',
  ];
  const rules = renderRules(schema);
  const parts = ['spec', 'status'].flatMap((name) => {
    const part = schema.properties?.[name];
    return part === undefined ? [] : renderObject(name, part);
  });
  return `${[...head, ...rules, ...parts].join('\n')}\n`;
}

function renderObject(path: string, schema: Schema): string[] {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) {
    return [];
  }
  const required = new Set(schema.required ?? []);
  const rows = fields.map(([name, field]) => {
    const cells = [`\`${name}\`${required.has(name) ? ' *' : ''}`, typeOf(field), defaultOf(field), boundsOf(field)];
    return `| ${[...cells, (field.description ?? '').replaceAll('|', '\\|')].join(' | ')} |`;
  });
  const below = fields.flatMap(([name, field]) =>
    field.type === 'array'
      ? renderObject(`${path}.${name}[]`, field.items ?? {})
      : renderObject(`${path}.${name}`, field),
  );
  return [
    '',
    `## ${path}`,
    '',
    '| Field | Type | Default | Bounds | Meaning |',
    '|---|---|---|---|---|',
    ...rows,
    ...renderRules(schema),
    ...below,
  ];
}

function renderRules(schema: Schema): string[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  return rules.length === 0 ? [] : ['', ...rules.map((rule) => `- ${rule.message ?? rule.rule}`)];
}

function typeOf(field: Schema): string {
  if (field['x-kubernetes-int-or-string'] === true) {
    return 'quantity';
  }
  if (field.enum !== undefined) {
    return field.enum.map((choice) => `\`${choice === '' ? '""' : String(choice)}\``).join(', ');
  }
  if (field.type === 'array') {
    return `list of ${typeOf(field.items ?? {})}`;
  }
  return typeof field.additionalProperties === 'object' ? 'map' : (field.type ?? 'any');
}

function defaultOf(field: Schema): string {
  return field.default === undefined || typeof field.default === 'object'
    ? ''
    : `\`${JSON.stringify(field.default).replaceAll('"', '')}\``;
}

function boundsOf(field: Schema): string {
  const { minimum, maximum, maxLength, maxItems, maxProperties } = field;
  const rules = (field['x-kubernetes-validations'] ?? []).map((rule) => rule.message ?? rule.rule);
  const bounds = [
    minimum === undefined ? undefined : `${minimum} to ${maximum ?? '∞'}`,
    maxLength === undefined ? undefined : `≤ ${maxLength} characters`,
    maxItems === undefined ? undefined : `≤ ${maxItems} items`,
    maxProperties === undefined ? undefined : `≤ ${maxProperties} entries`,
    ...rules,
  ];
  return bounds.filter((bound) => bound !== undefined).join('; ');
}
