import type { PodState } from '../replicas/pod-state.ts';
import { Replica } from '../replicas/replica.ts';

export function aPodState(fields: Partial<PodState> = {}): PodState {
  return {
    uid: 'uid-1',
    namespace: 'shop',
    name: 'pod-1',
    functionKey: 'shop/hello',
    revisionName: 'hello-1',
    endpoint: { host: '10.0.0.1', port: 8080 },
    ready: true,
    ending: false,
    crashed: false,
    backingOff: false,
    restarts: 0,
    failure: undefined,
    check: { kind: 'connect' },
    ...fields,
  };
}

export type ReplicaFields = Partial<
  Pick<Replica, 'inFlight' | 'usableAt' | 'state' | 'drainingSince' | 'spareUntil'>
> & {
  readonly pod?: Partial<PodState>;
};

/** Usable, since ever. */
export function aReplica({ pod, ...fields }: ReplicaFields = {}): Replica {
  const replica = new Replica(aPodState(pod));
  return Object.assign(replica, { state: 'usable', usableAt: 0, ...fields });
}
