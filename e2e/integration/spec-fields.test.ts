import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boundaryBase } from '../../crds/boundary-bases.ts';
import { put } from '../../crds/boundaries.ts';
import { fill } from '../../crds/least-value.ts';
import { readCrd, schemaOf } from '../../crds/read-crds.ts';
import { nodesOf, type Path, type SchemaNode, showPath } from '../../crds/schema-nodes.ts';
import { findCondition } from '../../lib/api/conditions.ts';
import type { FunctionSpec } from '../../lib/api/function.ts';
import { revisions } from '../../lib/api/resources.ts';
import { errorMessage } from '../../lib/errors.ts';
import { durationPattern } from '../../lib/api/duration.ts';
import type { Schema } from '../../local/api/schema/schema.ts';
import type { Condition } from '../../lib/kube/objects.ts';
import { configMaps, deployments } from '../../lib/kube/resources.ts';
import { OperatorWorld } from './world.ts';

/** Every field of the Function's spec, as its schema lists them: what its change does, and that it can be taken back. */

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

/** They act at once, without a new Revision and without a restart. */
const live = ['scaling', 'queue', 'timeouts', 'coldStart', 'revisionHistoryLimit', 'paused'];

/** The values tried here name what is not there, are reserved, or are forbidden. Every other field has to reach the child. */
const refused = [
  'spec.runtime',
  'spec.source.configMap.name',
  'spec.source.git',
  'spec.source.oci',
  'spec.securityContext.privileged',
];

const schema = schemaOf(readCrd('functions'));

/** Nodes that hold a value themselves, objects of unknown fields among them. */
const leaves = [...nodesOf(schema)].filter(({ path, schema: { properties, items, additionalProperties } }) => {
  const isInner = properties !== undefined || items !== undefined || typeof additionalProperties === 'object';
  return path[0] === 'spec' && !isInner;
});
const fieldsOf = Map.groupBy(leaves, ({ path }) => path[1] ?? '');

/** Two values each of what the schema leaves to Kubernetes, whose own fields these are. */
const kubernetesValues: Readonly<Record<string, readonly [object, object]>> = {
  podTemplate: [
    { metadata: { annotations: { 'example.com/a': '1' } } },
    { metadata: { annotations: { 'example.com/a': '2' } } },
  ],
  projected: [{ defaultMode: 0o400 }, { defaultMode: 0o440 }],
  downwardAPI: [{ defaultMode: 0o400 }, { defaultMode: 0o440 }],
  csi: [{ driver: 'a' }, { driver: 'b' }],
  image: [{ reference: 'a' }, { reference: 'b' }],
  ephemeral: [{ volumeClaimTemplate: { spec: { volumeName: 'a' } } }, { volumeClaimTemplate: { spec: {} } }],
  seLinuxOptions: [{ level: 'a' }, { level: 'b' }],
  appArmorProfile: [{ type: 'RuntimeDefault' }, { type: 'Unconfined' }],
  windowsOptions: [{ runAsUserName: 'a' }, { runAsUserName: 'b' }],
  affinity: [{ nodeAffinity: {} }, { podAffinity: {} }],
  topologySpreadConstraints: [{ maxSkew: 1 }, { maxSkew: 2 }],
};

/** Two values that the schema allows. */
function twoValues({ path, schema: leaf }: SchemaNode): readonly unknown[] {
  if (leaf['x-kubernetes-preserve-unknown-fields'] === true) {
    return kubernetesValues[path.findLast((segment) => segment in kubernetesValues) ?? ''] ?? [];
  }
  if (leaf.enum !== undefined) {
    return leaf.enum.slice(0, 2);
  }
  if (leaf['x-kubernetes-int-or-string'] === true) {
    return [1, 2];
  }
  if (leaf.type === 'boolean') {
    return [true, false];
  }
  return leaf.type === 'string' ? twoStrings(leaf) : [leaf.minimum ?? 0, (leaf.minimum ?? 0) + 1];
}

function twoStrings({ minLength = 0, pattern }: Schema): readonly string[] {
  const length = Math.max(minLength, 3);
  // Another length of a duration is the same time.
  return [fill(length, pattern), pattern === durationPattern ? '9s' : fill(length + 1, pattern)];
}

/** Around the field what it needs to be valid. */
function specWith(path: Path, value: unknown): FunctionSpec {
  return (put(boundaryBase('Function', path), schema, path, value).object as { spec: FunctionSpec }).spec;
}

function specWithout(path: Path): FunctionSpec {
  const { spec } = boundaryBase('Function', path) as { spec: FunctionSpec };
  return Object.keys(spec.source).length === 0 ? { ...spec, source: { inline: 'x' } } : spec;
}

interface Outcome {
  readonly revision: string | undefined;
  /** What others see of it: Pods, the code in them, and how the activator speaks to them. */
  readonly child: string;
  /** Why there is no such child: the API server's words, or the reason in Ready. */
  readonly refusal: string | undefined;
}

/** Puts the spec in the place of what was there: fields that it does not have are given up. */
async function outcomeOf(spec: FunctionSpec): Promise<Outcome> {
  try {
    await world.applyFunction('hello', spec);
  } catch (error) {
    return { revision: undefined, child: '', refusal: errorMessage(error) };
  }
  await world.settle();
  await world.collectGarbage();
  const { status } = await world.fn();
  const ready: Condition | undefined = findCondition(status?.conditions, 'Ready');
  const refusal = ready?.status === 'False' ? `${ready.reason}: ${ready.message}` : undefined;
  const revision = status?.latestCreatedRevision;
  return { revision, child: revision === undefined ? '' : await childOf(revision), refusal };
}

async function childOf(name: string): Promise<string> {
  const all = await Promise.all([world.all(revisions), world.all(deployments), world.all(configMaps)]);
  const [revision, deployment, code] = all.map((objects) => objects.find(({ metadata }) => metadata.name === name));
  const { protocol, concurrency } = (revision as { spec: FunctionSpec } | undefined)?.spec ?? {};
  const { template } = (deployment as { spec: { template: object } } | undefined)?.spec ?? {};
  const { data } = (code ?? {}) as { data?: object };
  return JSON.stringify({ template, data, protocol, concurrency }).replaceAll(name, 'NAME');
}

describe('a field of a Function', () => {
  it.each([...fieldsOf])(
    '%s: changes what runs or is refused, and unset is as if it had never been',
    async (field, nodes) => {
      const wrong: string[] = [];
      for (const node of nodes) {
        const name = showPath(node.path);
        const never = await outcomeOf(specWithout(node.path));
        const [first, second] = twoValues(node);
        const one = await outcomeOf(specWith(node.path, first));
        const other = await outcomeOf(specWith(node.path, second));
        const isRefused = one.refusal !== undefined || other.refusal !== undefined;
        if (isRefused !== refused.includes(name)) {
          wrong.push(`${name}: ${one.refusal ?? other.refusal ?? 'is taken'}`);
        }
        if (live.includes(field)) {
          if (one.revision !== never.revision || other.revision !== never.revision) {
            wrong.push(`${name} makes a new Revision although it is live`);
          }
        } else if (!isRefused && one.child === other.child) {
          wrong.push(`${name}: ${JSON.stringify([first, second])} do the same`);
        }
        const after = await outcomeOf(specWithout(node.path));
        if (JSON.stringify(after) !== JSON.stringify(never)) {
          wrong.push(`${name} leaves something behind: ${JSON.stringify(after)} after ${JSON.stringify(never)}`);
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});
