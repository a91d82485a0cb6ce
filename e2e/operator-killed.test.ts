import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFailed } from 'vitest';
import { labels } from '../lib/api/names.ts';
import type { KubeObject } from '../lib/kube/objects.ts';
import { seededRandom } from '../lib/testing/seeded-random.ts';
import { elapsed, readChaos } from './framework/chaos.ts';
import { functionManifest, greeting } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { killPodProcess } from './framework/processes.ts';
import { tellStories } from './framework/story.ts';

/**
 * `E2E_CHAOS_SECONDS` of changes while the operator is killed again and again, 40 by default; `E2E_SEED` repeats a run. Where operators
 * have a lease, each death is followed by the rest of it, 30 s, so that there are few.
 */
const { seconds, seed } = readChaos();

const story = tellStories();
const system = '--namespace=flint-system';
const names = ['a', 'b', 'c', 'd'];
const contents = ['one', 'two', 'three'];
const broken = 'export default (';

const random = seededRandom(seed);
const oneOf = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;

/** Apply, change, break or delete one of the functions. */
async function changeSomething(): Promise<void> {
  const name = oneOf(names);
  const chance = random();
  if (chance < 0.15) {
    await story.kubectl.run('delete', 'function', name, '--ignore-not-found', '--wait=false');
  } else {
    const code = chance < 0.3 ? broken : greeting(oneOf(contents));
    await story.kubectl.apply(functionManifest(name, code, { scaling: { maxReplicas: oneOf([2, 3, 5]) } }));
  }
}

/** Where operators have a lease, only one that holds it is in the middle of anything. */
async function isWorthKilling(): Promise<boolean> {
  const holder = '--output=jsonpath={.spec.holderIdentity}';
  const leader = await story.kubectl.run('get', 'lease/flint-operator', system, '--ignore-not-found', holder);
  const pods = await operatorPods();
  return leader === '' ? pods.length > 0 : pods.includes(leader.split('_')[0] ?? '');
}

async function operatorPods(): Promise<readonly string[]> {
  const selector = '--selector=app.kubernetes.io/component=operator';
  const found = await story.kubectl.run('get', 'pods', selector, system, '--output=jsonpath={.items[*].metadata.name}');
  return found.split(' ').filter((name) => name !== '');
}

/** The process dies in the middle of whatever it does; its Pod goes too, so that the next one starts without a back-off. */
async function killOperator(): Promise<void> {
  for (const pod of await operatorPods()) {
    await killPodProcess(pod).catch(() => undefined);
    await story.kubectl.run('delete', 'pod', pod, system, '--force', '--grace-period=0', '--ignore-not-found');
  }
}

function ownersOf(objects: readonly KubeObject[]): (string | undefined)[] {
  return objects.flatMap(({ metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid));
}

it(
  'I2: whenever the operator dies, what is there in the end is what the last specs say',
  { timeout: (seconds + 300) * 1000 },
  async () => {
    onTestFailed(() => {
      process.stderr.write(`again with E2E_SEED=${seed}\n`);
    });
    const isOver = elapsed(seconds);
    let deaths = 0;
    // However slow the machine: without a death nothing was tried.
    while (!isOver() || deaths < 3) {
      await changeSomething();
      await sleep(random() * 400);
      if (random() < 0.4 && (await isWorthKilling())) {
        await killOperator();
        deaths += 1;
      }
    }

    const [gone = '', ...kept] = names;
    await story.kubectl.run('delete', 'function', gone, '--ignore-not-found');
    for (const [index, name] of kept.entries()) {
      await story.kubectl.apply(functionManifest(name, greeting(contents[index] ?? '')));
    }
    for (const [index, name] of kept.entries()) {
      await story.untilReady(name, { withinMs: 120_000 });
      await story.untilAnswers(name, contents[index] ?? '');
    }
    await eventually('nothing is left of what was deleted', async () => {
      const kinds = 'revisions,deployments,configmaps,services';
      const left = await story.kubectl.run('get', kinds, `--selector=${labels.function}=${gone}`, '--output=name');
      return left === '' ? true : Promise.reject(new Error(left));
    });
    const [functions, revisions, deployments] = await Promise.all(
      ['functions', 'revisions', 'deployments'].map((kind) => story.objects(kind)),
    );
    const uidsOf = (objects: readonly KubeObject[] = []): (string | undefined)[] =>
      objects.map(({ metadata }) => metadata.uid);
    expect(uidsOf(functions)).toEqual(expect.arrayContaining(ownersOf(revisions ?? [])));
    expect(ownersOf(deployments ?? []).sort()).toEqual(uidsOf(revisions).sort());
  },
);
