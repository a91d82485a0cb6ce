import type { KubeObject } from '../../../lib/kube/objects.ts';
import { apiVersionOfKind, type Kind } from '../kinds/kind.ts';
import { makeTable } from '../table/table.ts';
import type { Representation } from './request.ts';

export interface Moment {
  readonly now: number;
  readonly version: string;
}

/** One object the way the client asked for it. */
export function representObject(kind: Kind, object: KubeObject, how: Representation, moment: Moment): object {
  switch (how.as) {
    case 'object':
      return object;
    case 'metadata':
      return metadataOf(object);
    case 'table':
      return makeTable([object], kind.columns, {
        now: moment.now,
        resourceVersion: object.metadata.resourceVersion ?? '',
        includeObject: how.includeObject,
        withColumns: true,
      });
  }
}

export interface Page {
  readonly objects: readonly KubeObject[];
  readonly continue?: string;
  readonly remaining?: number;
}

export function representList(kind: Kind, page: Page, how: Representation, moment: Moment): object {
  if (how.as === 'table') {
    return makeTable(page.objects, kind.columns, {
      now: moment.now,
      resourceVersion: moment.version,
      includeObject: how.includeObject,
      withColumns: true,
      ...(page.continue === undefined ? {} : { continue: page.continue }),
    });
  }
  const isMetadata = how.as === 'metadata';
  return {
    kind: isMetadata ? 'PartialObjectMetadataList' : `${kind.kind}List`,
    apiVersion: isMetadata ? 'meta.k8s.io/v1' : apiVersionOfKind(kind),
    metadata: {
      resourceVersion: moment.version,
      ...(page.continue === undefined ? {} : { continue: page.continue, remainingItemCount: page.remaining }),
    },
    items: isMetadata ? page.objects.map(metadataOf) : page.objects,
  };
}

function metadataOf(object: KubeObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}
