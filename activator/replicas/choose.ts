import type { Random } from '../../lib/clock.ts';
import type { Replica } from './replica.ts';
import { placesOf, weightOf, type PlacePolicy } from './slow-start.ts';

export interface ChoiceInput {
  readonly policy: PlacePolicy;
  readonly now: number;
  readonly random: Random;
}

/**
 * The less loaded of two random replicas, as long as one of them has a place; otherwise the least loaded of all that
 * have. So a free place is found whenever there is one.
 */
export function chooseReplica(candidates: readonly Replica[], input: ChoiceInput): Replica | undefined {
  const count = candidates.length;
  if (count <= 2) {
    return leastLoaded(candidates, input);
  }
  const first = Math.floor(input.random() * count);
  // Uniform over the others: drawn from one fewer, stepped over the first.
  const drawn = Math.floor(input.random() * (count - 1));
  const second = drawn >= first ? drawn + 1 : drawn;
  const pair = [candidates[first], candidates[second]].filter((replica) => replica !== undefined);
  return leastLoaded(pair, input) ?? leastLoaded(candidates, input);
}

export function hasPlace(replica: Replica, input: Pick<ChoiceInput, 'policy' | 'now'>): boolean {
  return replica.inFlight < placesOf(replica.ageMs(input.now), input.policy);
}

function leastLoaded(candidates: readonly Replica[], input: ChoiceInput): Replica | undefined {
  let best: Replica | undefined;
  let bestLoad = Infinity;
  for (const replica of candidates) {
    const load = (replica.inFlight + 1) / weightOf(replica.ageMs(input.now));
    const wins = load < bestLoad || (load === bestLoad && input.random() < 0.5);
    if (wins && hasPlace(replica, input)) {
      best = replica;
      bestLoad = load;
    }
  }
  return best;
}
