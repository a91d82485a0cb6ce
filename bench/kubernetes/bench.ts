import { labels } from '../../lib/api/names.ts';
import type { HttpClient } from '../../lib/kube/http-client.ts';
import { functionManifest, greeting } from '../../e2e/framework/manifest.ts';
import type { Steps } from '../../e2e/framework/steps.ts';
import { type Figure, makeFigure, type Progress } from '../figures.ts';

/** What the figures of a real cluster are measured with. */
export interface Bench {
  readonly story: Steps;
  readonly client: HttpClient;
  readonly progress: Progress;
}

/** A function that was ready once and is at zero. @returns its Revision, whose name its Deployment has */
export async function prepare(story: Steps, name: string): Promise<string> {
  await story.kubectl.apply(functionManifest(name, greeting(name)));
  const { status } = await story.untilReady(name, { withinMs: 120_000 });
  await story.untilZero(name, { withinMs: 60_000 });
  return status?.latestReadyRevision ?? '';
}

/** Pods on their way out count: the node is still busy with them. */
export async function untilGone(story: Steps, name: string): Promise<void> {
  await story.kubectl.run('wait', '--for=delete', 'pods', `--selector=${labels.function}=${name}`, '--timeout=60s');
}

/** Ratios of quantiles: pairs would compare one noisy second with another. */
export function overFloor(
  name: string,
  samples: number[],
  floor: number[],
  goals: { p50: number; p95: number },
): Figure[] {
  return (['p50', 'p95'] as const).map((suffix) => {
    const quantile = suffix === 'p50' ? 0.5 : 0.95;
    const reference = { name: 'bare Deployment', samples: floor };
    const own = makeFigure({ name: '', unit: 'ms', samples, quantile, reference });
    const base = own.reference?.value ?? 1;
    return {
      ...own,
      name: `${name}_over_floor_${suffix}`,
      unit: 'x',
      value: Math.round((own.value / base) * 100) / 100,
      spread: [Math.round((own.spread[0] / base) * 100) / 100, Math.round((own.spread[1] / base) * 100) / 100],
      reference: { name: `bare Deployment ${suffix}, ms`, value: base },
      goal: { atMost: goals[suffix] },
      met: own.value / base <= goals[suffix],
    };
  });
}
