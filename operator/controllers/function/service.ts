import type { FunctionObject } from '../../../lib/api/function.ts';
import { fieldManagers } from '../../../lib/api/names.ts';
import type { Failure } from '../../../lib/api/reasons.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { Service } from '../../../lib/kube/objects.ts';
import { services } from '../../../lib/kube/resources.ts';
import { keyOf, type ReadonlyStore } from '../../../lib/kube/store.ts';
import { createOrGet, type Owner } from '../children.ts';
import { confirmClaim } from '../live.ts';
import { claimOf, identityOf, nameTaken } from '../owner.ts';
import { states } from '../states.ts';
import { makeService } from './resources.ts';

export interface ServicesDeps {
  readonly client: Pick<KubeClient, 'get' | 'create' | 'apply'>;
  readonly services: ReadonlyStore<Service>;
  readonly activatorService: string;
}

/** The Service that gives a function its name in the cluster. @returns what is wrong when one of that name is not ours */
export async function ensureService(
  { client, services: cache, activatorService }: ServicesDeps,
  owner: Owner<FunctionObject>,
): Promise<{ readonly failure?: Failure }> {
  const fn = owner.object;
  const desired = makeService(fn, activatorService);
  const cached = cache.get(keyOf(desired));
  const found =
    (await confirmClaim(client, services, { cached, owner: fn })) ??
    (await createOrGet(client, services, desired, { owner, fieldManager: fieldManagers.operator }));
  const claim = found === undefined ? 'leaving' : claimOf(found, fn);
  if (claim === 'foreign') {
    return { failure: nameTaken('Service', desired.metadata.name, 'delete or rename one of them') };
  }
  if (found !== undefined && claim === 'ours' && !states(found, statedBy(desired))) {
    const intent = { ...desired, metadata: { ...desired.metadata, ...identityOf(found) } };
    await client.apply(services, intent, { fieldManager: fieldManagers.operator, force: true });
  }
  return {};
}

function statedBy({ metadata, spec }: Service): object {
  return { metadata: { labels: metadata.labels }, spec };
}
