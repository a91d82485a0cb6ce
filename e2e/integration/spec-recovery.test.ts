import { afterEach, beforeEach, expect, it } from 'vitest';
import { findCondition } from '../../lib/api/conditions.ts';
import type { FunctionSpec } from '../../lib/api/function.ts';
import type { Revision } from '../../lib/api/revision.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { deployments } from '../../lib/kube/resources.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import { crashedStatus } from './manifests.ts';
import { OperatorWorld } from './world.ts';

/** A bad spec never has to be undone first: the next apply counts, whatever the operator had come to with the bad one. */

let world: OperatorWorld;
beforeEach(async () => {
  world = await OperatorWorld.start();
});
afterEach(() => world.stopOperator());

const good: FunctionSpec = { source: { inline: "export default () => new Response('good');" } };

interface Mistake {
  readonly reason: string;
  readonly spec: FunctionSpec;
  /** What the kubelet or the scheduler says of its Pod. */
  readonly pod?: Pod['status'];
  /** What the API server says to its Deployment. */
  readonly answer?: StatusError;
}

function waiting(reason: string, message: string): Pod['status'] {
  const state = { waiting: { reason, message } };
  return { containerStatuses: [{ name: 'function', image: 'x', imageID: '', ready: false, restartCount: 0, state }] };
}

const unschedulable = {
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes are available' }],
} as Pod['status'];

const code = (text: string): FunctionSpec => ({ source: { inline: text } });

const mistakes: readonly Mistake[] = [
  { reason: 'RuntimeNotFound', spec: { ...good, runtime: 'nodjs' } },
  { reason: 'ConfigMapNotFound', spec: { source: { configMap: { name: 'none' } } } },
  { reason: 'InvalidPodTemplate', spec: { ...good, podTemplate: { spec: { hostNetwork: true } } } },
  { reason: 'CodeDidNotLoad', spec: code('}'), pod: crashedStatus(65, 'SyntaxError: }') },
  { reason: 'HandlerNotFound', spec: { ...good, handler: 'index.none' }, pod: crashedStatus(66, 'no export none') },
  { reason: 'ContainerCrashed', spec: code('process.exit(1)'), pod: crashedStatus(1, 'Error: boom') },
  {
    reason: 'ImagePullFailed',
    spec: { source: { image: 'registry.example/none:1' } },
    pod: waiting('ErrImagePull', 'manifest unknown'),
  },
  {
    reason: 'SecretNotFound',
    spec: { ...good, envFrom: [{ secretRef: { name: 'none' } }] },
    pod: waiting('CreateContainerConfigError', 'secret "none" not found'),
  },
  { reason: 'Unschedulable', spec: { ...good, nodeSelector: { none: 'such' } }, pod: unschedulable },
  {
    reason: 'QuotaExceeded',
    spec: { ...good, resources: { limits: { memory: '1Ti' } } },
    answer: new StatusError({ code: 403, reason: 'Forbidden', message: 'exceeded quota: small' }),
  },
];

/** What runs in the end; of the good spec alone it is the same. */
async function end(): Promise<unknown> {
  const revision: Revision = await world.latest();
  const deployment = (await world.all(deployments)).find(({ metadata }) => metadata.name === revision.metadata.name);
  const { status } = await world.fn();
  const conditions = status?.conditions?.map(({ type, status: value, reason }) => `${type} ${value} ${reason}`);
  return { name: revision.metadata.name, template: deployment?.spec.template, traffic: status?.traffic, conditions };
}

async function makeMistake({ spec, pod, answer }: Mistake): Promise<void> {
  world.fault = (verb, resource) => (verb === 'create' && resource === deployments ? answer : undefined);
  await world.applyFunction('hello', spec);
  await world.settle();
  const { status } = await world.fn();
  if (pod !== undefined && status?.latestCreatedRevision !== undefined) {
    await world.reportPod(await world.latest(), pod);
    await world.settle();
  }
}

async function repair(): Promise<unknown> {
  world.fault = () => undefined;
  await world.applyFunction('hello', good);
  await world.clock.advance(2000);
  await world.prove();
  return end();
}

it.each(mistakes)('$reason is told in Ready, and mended by the next apply', async (mistake) => {
  const wanted = await repair();
  await makeMistake(mistake);
  const ready = findCondition((await world.fn()).status?.conditions, 'Ready');
  expect(ready).toMatchObject({ status: 'False', reason: mistake.reason });
  expect(ready?.message).toContain('goes on serving');
  expect(await world.eventsAbout('hello')).toContainEqual(expect.stringContaining(`Warning ${mistake.reason}: `));
  expect(await repair()).toEqual(wanted);
});

it.each(mistakes)('$reason from the first is mended by the next apply, wherever the operator was', async (mistake) => {
  const wanted = await repair();
  // Until a round is long enough for all that the bad spec leads to.
  for (let calls = 0, died = true; died; calls++) {
    await world.stopOperator();
    world = await OperatorWorld.start();
    world.callsLeft = calls;
    await makeMistake(mistake);
    died = world.callsLeft < 0;
    await world.stopOperator();
    world.callsLeft = Infinity;
    world.startOperator();
    expect(await repair(), `after ${calls} calls`).toEqual(wanted);
  }
});
