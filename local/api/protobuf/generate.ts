/**
 * `node local/api/protobuf/generate.ts`: writes `messages.txt` from the Go types of Kubernetes, which carry the number, the JSON name,
 * the type and the optionality of every field. Needs Go; reads the modules that the bed is built from.
 */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const here = import.meta.dirname;
const goModule = resolve(here, '../../../e2e/bed/go/kubernetes');
const packages: Readonly<Record<string, string>> = {
  core: 'k8s.io/api/core/v1',
  apps: 'k8s.io/api/apps/v1',
  rbac: 'k8s.io/api/rbac/v1',
  policy: 'k8s.io/api/policy/v1',
  networking: 'k8s.io/api/networking/v1',
  coordination: 'k8s.io/api/coordination/v1',
  events: 'k8s.io/api/events/v1',
  authorization: 'k8s.io/api/authorization/v1',
  authentication: 'k8s.io/api/authentication/v1',
  admissionregistration: 'k8s.io/api/admissionregistration/v1',
  apiextensions: 'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1',
  meta: 'k8s.io/apimachinery/pkg/apis/meta/v1',
};

/** What clients send whole: kinds of this server, reviews, and what a deletion carries. */
const roots = [
  ...['Namespace', 'Node', 'Pod', 'ConfigMap', 'Secret', 'ServiceAccount', 'Service', 'Event', 'ResourceQuota'].map(
    (name) => `core.${name}`,
  ),
  ...['apps.Deployment', 'apps.ReplicaSet', 'coordination.Lease', 'events.Event', 'networking.NetworkPolicy'],
  ...['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map((name) => `rbac.${name}`),
  ...['policy.PodDisruptionBudget', 'policy.Eviction', 'meta.DeleteOptions', 'apiextensions.CustomResourceDefinition'],
  ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'].map((name) => `admissionregistration.${name}`),
  ...['SelfSubjectAccessReview', 'SelfSubjectRulesReview'].map((name) => `authorization.${name}`),
  ...['authentication.SelfSubjectReview', 'authentication.TokenRequest'],
];

/** Types with a JSON form of their own, and the scalars of Go. */
const leaves: Readonly<Record<string, string>> = {
  'meta.Time': 'time',
  'meta.MicroTime': 'microTime',
  'meta.FieldsV1': 'raw',
  'k8s.io/apimachinery/pkg/runtime.RawExtension': 'raw',
  'k8s.io/apimachinery/pkg/api/resource.Quantity': 'quantity',
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 'intOrString',
  'k8s.io/apimachinery/pkg/types.UID': 'string',
  'apiextensions.JSON': 'any',
  'apiextensions.JSONSchemaPropsOrArray': 'any',
  'apiextensions.JSONSchemaPropsOrBool': 'any',
  'apiextensions.JSONSchemaPropsOrStringArray': 'any',
  ...Object.fromEntries(['string', 'bool', 'byte', 'int32', 'int64', 'float64'].map((name) => [name, name])),
};

/** Qualified name → the lines of a struct, or the type that a name stands for. */
const structs = new Map<string, readonly string[]>();
const aliases = new Map<string, string>();

function read(short: string, path: string): void {
  const folder = execFileSync('go', ['list', '-f', '{{.Dir}}', path], { cwd: goModule, encoding: 'utf8' }).trim();
  const files = globSync('types*.go', { cwd: folder }).sort();
  const source = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  const imports = new Map(
    [...source.matchAll(/^\t(?:(\w+) )?"(k8s\.io\/[^"]+)"/gmu)].map(([, name, full = '']) => [
      name ?? full.slice(full.lastIndexOf('/') + 1),
      Object.keys(packages).find((key) => packages[key] === full) ?? full,
    ]),
  );
  const qualify = (type: string): string =>
    type.replace(/(?:(\w+)\.)?(\w+)$/u, (_, from: string | undefined, name: string) =>
      from === undefined ? (name in leaves ? name : `${short}.${name}`) : `${imports.get(from) ?? from}.${name}`,
    );
  for (const [, name = '', body = ''] of source.matchAll(/^type (\w+) struct ?\{(?:\}|\n([\s\S]*?)^\})/gmu)) {
    // A field with the comment lines above it.
    const fields = body.split(/(?<=`.*\n)/u);
    structs.set(
      `${short}.${name}`,
      fields.flatMap((field) => readField(field, qualify)),
    );
  }
  for (const [, name = '', type = ''] of source.matchAll(/^type (\w+) ((?:\[\]|map\[\w+\])?[\w.]+)$/gmu)) {
    aliases.set(`${short}.${name}`, qualify(type));
  }
}

/**
 * `number:name:type`; no name where the fields belong to the message around, `?` where zero and absent are the same, `!` where
 * the field has to be there.
 */
function readField(text: string, qualify: (type: string) => string): string[] {
  const match =
    /^\t(?:\w+\s+)?(?<type>[\w*[\].]+)\s+`json:"(?<name>[\w$-]*)(?<options>[^"]*)"[^`]*protobuf:"\w+,(?<number>\d+)/mu.exec(
      text,
    );
  if (match?.groups === undefined) {
    return [];
  }
  const { type = '', name = '', options = '', number = '' } = match.groups;
  return [`${number}:${name}${name === '' ? '' : marksOf(text, type, options)}:${qualify(type.replace(/^\*/u, ''))}`];
}

function marksOf(text: string, type: string, options: string): string {
  const isOptional = /^\t\/\/ \+optional/mu.test(text) || /omit(empty|zero)/u.test(options);
  // As the OpenAPI of a real server says it.
  const isRequired = /^\t\/\/ \+required/mu.test(text) || !isOptional;
  const isValue = !type.startsWith('*') && options.includes('omitempty');
  return (isRequired ? '!' : '') + (isValue ? '?' : '');
}

/** A type as `messages.txt` has it: `[]` and `{}` before what a list or map holds. */
function resolveType(type: string): string {
  if (type === '[]byte') {
    return 'bytes';
  }
  const match = /^(?<holder>\[\]|map\[[\w.]+\])(?<of>.+)$/u.exec(type)?.groups;
  if (match !== undefined) {
    return (match['holder'] === '[]' ? '[]' : '{}') + resolveType(match['of'] ?? '');
  }
  const alias = aliases.get(type);
  return leaves[type] ?? (alias === undefined ? type : resolveType(alias));
}

for (const [short, path] of Object.entries(packages)) {
  read(short, path);
}
const lines = new Map<string, string>();
const open = [...roots];
for (let name = open.pop(); name !== undefined; name = open.pop()) {
  const fields = structs.get(name);
  if (fields === undefined) {
    throw new Error(`there is no struct ${name}`);
  }
  const resolved = fields.map((field) => {
    const [number = '', json = '', type = ''] = field.split(/:(.*?):/u);
    return `${number}:${json}:${resolveType(type)}`;
  });
  lines.set(name, [name, ...resolved].join(' '));
  const below = resolved.map((field) => field.replace(/^\d+:[^:]*:(?:\[\]|\{\})*/u, ''));
  open.push(...below.filter((type) => type.includes('.') && !lines.has(type)));
}
writeFileSync(join(here, 'messages.txt'), `${[...lines.values()].sort().join('\n')}\n`);
