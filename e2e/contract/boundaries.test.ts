import { describe, expect, it } from 'vitest';
import { boundaryBase } from '../../crds/boundary-bases.ts';
import { type BoundaryCase, isAsExpected, makeBoundaryCases } from '../../crds/boundaries.ts';
import { readCrds, resourceOf, schemaOf } from '../../crds/read-crds.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { StatusError } from '../../lib/kube/status-error.ts';
import { askTarget, fieldManager } from './world.ts';

/** Values at the bounds of the API, judged by the target's server in dry runs: nothing is made. */

const ask = askTarget();
/** Of each kind; all of them are tried on the embedded server by `crds/boundaries.test.ts`. */
const most = 60;

/** Of each bound some that a server has to accept and some that it has to refuse, spread over the fields. */
function sample(cases: readonly BoundaryCase[]): BoundaryCase[] {
  const groups = new Map<string, BoundaryCase[]>();
  for (const boundary of cases) {
    const key = `${boundary.bound} ${boundary.refusedAt === undefined}`;
    groups.set(key, [...(groups.get(key) ?? []), boundary]);
  }
  const share = Math.max(1, Math.floor(most / groups.size));
  return [...groups.values()].flatMap((group) =>
    group.filter((_, index) => index % Math.ceil(group.length / share) === 0),
  );
}

describe.each(readCrds().map((crd) => [crd.spec.names.kind, crd] as const))('%s', (kind, crd) => {
  const cases = sample([...makeBoundaryCases(schemaOf(crd), (path) => boundaryBase(kind, path))]);

  it.for(cases)('$name', async ({ object, refusedAt }) => {
    const { metadata, ...rest } = object as KubeObject;
    const resource = resourceOf(crd);
    const placed = { ...rest, metadata: { ...metadata, ...(resource.namespaced ? { namespace: ask.namespace } : {}) } };
    const answer = await ask.client.create(resource, placed, { fieldManager, dryRun: true }).catch((e: unknown) => e);
    const fields = ((answer as Partial<StatusError>).causes ?? []).map(({ field = '' }) => field);
    expect(isAsExpected(fields, refusedAt), `refused at: ${fields.join(', ')}`).toBe(true);
    expect(answer instanceof Error).toBe(refusedAt !== undefined);
  });
});
