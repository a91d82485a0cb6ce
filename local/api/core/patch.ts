import { load } from 'js-yaml';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { jsonPatch, type Operation } from '../patch/json-patch.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { strategicMerge } from '../patch/strategic.ts';
import type { Kind } from '../kinds/kind.ts';
import { invalid, refuse } from '../status.ts';

export const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

type Change = (live: KubeObject) => KubeObject;

/** The change that a patch body asks for. @throws StatusError UnsupportedMediaType, as for a strategic merge of a custom kind */
export function changeOf(kind: Kind, contentType: string, body: unknown): Change {
  const change = readChange(kind, contentType, body);
  return (live) => {
    const changed = change(live);
    const { uid } = changed.metadata;
    if (uid !== live.metadata.uid) {
      // A real server tells a PUT with another uid of a conflict, and a patch of a field that cannot change.
      const message = `Invalid value: ${JSON.stringify(uid)}: field is immutable`;
      throw invalid(kind, live.metadata.name, [{ field: 'metadata.uid', reason: 'FieldValueInvalid', message }]);
    }
    return changed;
  };
}

function readChange(kind: Kind, contentType: string, body: unknown): Change {
  switch (contentType) {
    case patchTypes.json:
      return (live) => jsonPatch(live, body as Operation[]) as KubeObject;
    case patchTypes.merge:
      return (live) => mergePatch(live, body) as KubeObject;
    case patchTypes.strategic:
      if (kind.schema === undefined) {
        return (live) => strategicMerge(live, body, kind.structure) as KubeObject;
      }
      break;
    default:
      break;
  }
  const accepted = Object.values(patchTypes).filter(
    (type) => kind.schema === undefined || type !== patchTypes.strategic,
  );
  throw refuse(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

/** A body in JSON or YAML, which contains JSON. @throws StatusError BadRequest */
export function parseBody(text: string): unknown {
  try {
    return text.trimStart().startsWith('{') || text.trimStart().startsWith('[') ? JSON.parse(text) : load(text);
  } catch (error) {
    throw refuse('BadRequest', `the body could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
