import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { Kind } from '../kinds/kind.ts';
import { selectableFields } from '../kinds/selectable-fields.ts';
import { refuse } from '../status.ts';

export type Predicate = (object: KubeObject) => boolean;

/** `a=b,c!=d,e in (f,g),h notin (i),j,!k`. @throws StatusError BadRequest */
export function parseLabelSelector(text: string | undefined): Predicate {
  const requirements = splitRequirements(text ?? '').map(parseRequirement);
  return (object) => requirements.every((requirement) => requirement(object.metadata.labels ?? {}));
}

type LabelRequirement = (labels: Readonly<Record<string, string>>) => boolean;

/** At commas that are not inside parentheses. */
function splitRequirements(text: string): string[] {
  return (text.match(/(?:[^,(]|\([^)]*\))+/gu) ?? []).map((part) => part.trim()).filter((part) => part !== '');
}

const setBased = /^(?<key>\S+)\s+(?<operator>in|notin)\s+\((?<values>[^)]*)\)$/u;
const equality = /^(?<key>[^\s=!]+)\s*(?<operator>==|=|!=)\s*(?<values>\S*)$/u;
const existence = /^(?<not>!?)\s*(?<key>[^\s=!()]+)$/u;

function parseRequirement(text: string): LabelRequirement {
  const compared = setBased.exec(text)?.groups ?? equality.exec(text)?.groups;
  if (compared !== undefined) {
    return makeComparison(compared);
  }
  const named = existence.exec(text)?.groups;
  if (named === undefined) {
    throw refuse('BadRequest', `unable to parse requirement: '${text}'`);
  }
  const { key = '', not = '' } = named;
  return (labels) => key in labels !== (not === '!');
}

function makeComparison({ key = '', operator = '', values = '' }: Readonly<Record<string, string>>): LabelRequirement {
  const wanted = new Set(values.split(',').map((value) => value.trim()));
  const negative = operator === 'notin' || operator === '!=';
  return (labels) => {
    const value = labels[key];
    return value === undefined ? negative : wanted.has(value) !== negative;
  };
}

/**
 * `metadata.name=a,status.phase!=Running`.
 * @throws StatusError BadRequest in a real server's words for a field that it does not select this kind by
 */
export function parseFieldSelector(text: string | undefined, kind: Kind): Predicate {
  const fields = selectableFields(kind);
  const requirements = (text ?? '')
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^(?<path>[^=!]+)(?<operator>==|=|!=)(?<value>.*)$/u.exec(part)?.groups;
      if (match === undefined) {
        throw refuse('BadRequest', `invalid selector: '${text ?? ''}'; can't understand '${part}'`);
      }
      const { path = '', operator = '', value = '' } = match;
      if (!fields.has(path)) {
        throw refuse('BadRequest', fields.refusal(path));
      }
      return (object: KubeObject) => (readField(object, path) === value) !== (operator === '!=');
    });
  return (object) => requirements.every((requirement) => requirement(object));
}

/** What an absent field is selected by where that is not the empty text. */
const zeros: Readonly<Record<string, string>> = { 'spec.unschedulable': 'false', 'spec.hostNetwork': 'false' };

function readField(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const name of path.split('.')) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isScalar ? String(value) : (zeros[path] ?? '');
}
