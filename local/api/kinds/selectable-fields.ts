import { type Kind, kindKey } from './kind.ts';

const always = ['metadata.name', 'metadata.namespace'];

function objectFields(name: string): string[] {
  const fields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];
  return fields.map((field) => `${name}.${field}`);
}

/** What a real server lets one select by, of the kinds that it allows more of than name and namespace. */
const more: Readonly<Record<string, readonly string[]>> = {
  pods: [
    ...['spec.nodeName', 'spec.restartPolicy', 'spec.schedulerName', 'spec.serviceAccountName', 'spec.hostNetwork'],
    ...['status.phase', 'status.podIP', 'status.podIPs', 'status.nominatedNodeName'],
  ],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  services: ['spec.clusterIP', 'spec.type'],
  replicationcontrollers: ['status.replicas'],
  'jobs.batch': ['status.successful'],
  // Of both groups: they are two views of one object.
  events: [
    ...objectFields('involvedObject'),
    ...objectFields('regarding'),
    ...['reason', 'reportingComponent', 'reportingController', 'source', 'type'],
  ],
};

/** Whether a real server selects objects of the kind by this field; `refusal` is what it says where it does not. */
export function selectableFields(kind: Kind): {
  readonly has: (field: string) => boolean;
  readonly refusal: (field: string) => string;
} {
  const own = kind.selectable ?? more[kindKey(kind)];
  const allowed = new Set([...always, ...(own ?? [])]);
  return {
    has: (field) => allowed.has(field),
    refusal: (field) =>
      own === undefined
        ? `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
        : `field label not supported: ${field}`,
  };
}
