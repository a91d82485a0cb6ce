import { randomBytes } from 'node:crypto';
import { systemClock, systemRandom } from '../lib/clock.ts';
import { openConnection } from '../lib/kube/connect.ts';
import { createClient } from '../lib/kube/http-client.ts';
import { startBedTarget } from '../e2e/framework/bed-target.ts';
import { Steps } from '../e2e/framework/steps.ts';
import type { Figure, Progress } from './figures.ts';
import { measureBurst } from './kubernetes/burst.ts';
import { measureColdStarts } from './kubernetes/cold-starts.ts';
import { measureIdle, measureMany } from './kubernetes/control-plane.ts';

/** The figures of a real cluster, each beside the same thing without Flint in the same run. */
export async function measureKubernetes(progress: Progress): Promise<Figure[]> {
  const bed = await startBedTarget();
  const { target } = bed;
  const client = createClient({
    connection: await openConnection({ kind: 'kubeconfig', file: target.kubeconfig }),
    clock: systemClock,
    random: systemRandom,
    userAgent: 'flint-bench',
  });
  try {
    const story = new Steps(target, `bench-${randomBytes(3).toString('hex')}`);
    await story.kubectl.run('create', 'namespace', story.namespace);
    const bench = { story, client, progress };
    const figures: Figure[] = [];
    for (const measure of [measureIdle, measureColdStarts, measureBurst, measureMany]) {
      figures.push(...(await measure(bench)));
    }
    return figures;
  } finally {
    await client.close();
    await bed.stop();
  }
}
