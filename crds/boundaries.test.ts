import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../lib/kube/objects.ts';
import { namespaces } from '../lib/kube/resources.ts';
import type { StatusError } from '../lib/kube/status-error.ts';
import { silentLogger } from '../lib/log.ts';
import { FakeClock } from '../lib/testing/fake-clock.ts';
import { createApiServer } from '../local/api/server.ts';
import { customResourceDefinitions } from '../local/controllers/resources.ts';
import type { Schema } from '../local/api/schema/schema.ts';
import { boundaryBase } from './boundary-bases.ts';
import { type BoundaryCase, isAsExpected, makeBoundaryCases } from './boundaries.ts';
import { type Crd, readCrds, resourceOf, schemaOf } from './read-crds.ts';
import { nodesOf, showPath } from './schema-nodes.ts';

const crds = readCrds();
const user = { fieldManager: 'tester' };
const { client } = createApiServer({
  clock: new FakeClock(),
  random: () => 0.5,
  log: silentLogger,
  tokens: { userOf: () => undefined },
});

beforeAll(async () => {
  await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }, user);
  for (const crd of crds) {
    await client.create<KubeObject>(customResourceDefinitions, crd, user);
  }
});

function casesOf(crd: Crd): BoundaryCase[] {
  return [...makeBoundaryCases(schemaOf(crd), (path) => boundaryBase(crd.spec.names.kind, path))];
}

/** What the server refuses; nothing when it would take the object. */
async function refusals(crd: Crd, object: object): Promise<StatusError['causes']> {
  const resource = resourceOf(crd);
  const { metadata, ...rest } = object as KubeObject;
  const placed = { ...rest, metadata: { ...metadata, ...(resource.namespaced ? { namespace: 'shop' } : {}) } };
  try {
    await client.create(resource, placed, { ...user, dryRun: true });
    return [];
  } catch (error) {
    return (error as StatusError).causes;
  }
}

/** The keywords of a node that forbid something. */
function boundsIn(schema: Schema): string[] {
  const words = ['enum', 'minimum', 'maximum', 'maxLength', 'pattern', 'maxItems', 'maxProperties'] as const;
  const set: string[] = words.filter((word) => schema[word] !== undefined);
  const isAtLeast = (schema.minLength ?? 0) > 0 && schema.pattern === undefined;
  return [
    ...set,
    ...(isAtLeast ? ['minLength'] : []),
    ...((schema.minItems ?? 0) > 0 ? ['minItems'] : []),
    ...((schema.required ?? []).length > 0 ? ['required'] : []),
    ...(schema['x-kubernetes-list-type'] === 'map' ? ['duplicate'] : []),
  ];
}

describe.each(crds.map((crd) => [crd.spec.names.kind, crd] as const))('%s', (_kind, crd) => {
  it('is refused beyond every bound, at the field that is beyond it and with the bound, and taken at the bound', async () => {
    const wrong: string[] = [];
    for (const { name, object, refusedAt, says } of casesOf(crd)) {
      const causes = await refusals(crd, object);
      const fields = causes.map(({ field = '' }) => field);
      const said = causes.flatMap(({ field, message = '' }) => (field === refusedAt ? [message] : []));
      if (!isAsExpected(fields, refusedAt)) {
        wrong.push(`${name}: refused at ${fields.join(', ') || 'nothing'}, not at ${refusedAt ?? 'nothing'}`);
      } else if (refusedAt !== undefined && !said.some((message) => message.includes(says))) {
        wrong.push(`${name}: refused with '${said.join(', ')}', without '${says}'`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('has a case beyond every bound of its spec', () => {
    const beyond = new Set(
      casesOf(crd).flatMap(({ path, bound, refusedAt }) =>
        refusedAt === undefined ? [] : [`${showPath(path)} ${bound}`],
      ),
    );
    const bounds = [...nodesOf(schemaOf(crd))]
      .filter(({ path }) => path[0] === 'spec' && path.length > 1)
      .flatMap(({ path, schema }) => boundsIn(schema).map((bound) => `${showPath(path)} ${bound}`));
    expect(bounds.filter((bound) => !beyond.has(bound))).toEqual([]);
    expect(bounds.length).toBeGreaterThan(5);
  });
});
