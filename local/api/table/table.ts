import type { KubeObject } from '../../../lib/kube/objects.ts';

/** One column of `kubectl get`. */
export interface TableColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly description?: string;
  /** Columns above 0 are shown with `-o wide` only. */
  readonly priority?: number;
  /** @param now milliseconds since the epoch, for ages. */
  readonly value: (object: KubeObject, now: number) => unknown;
}

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableOptions {
  readonly now: number;
  readonly resourceVersion: string;
  readonly includeObject: IncludeObject;
  /** Watches send the columns with the first row only. */
  readonly withColumns: boolean;
  readonly continue?: string;
}

/** meta.k8s.io/v1 Table, what kubectl asks for to print. */
export function makeTable(
  objects: readonly KubeObject[],
  columns: readonly TableColumn[],
  options: TableOptions,
): object {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {
      resourceVersion: options.resourceVersion,
      ...(options.continue === undefined ? {} : { continue: options.continue }),
    },
    columnDefinitions: options.withColumns ? columns.map(makeDefinition) : null,
    rows: objects.map((object) => ({
      cells: columns.map((column) => column.value(object, options.now) ?? null),
      ...(options.includeObject === 'None' ? {} : { object: includedObject(object, options.includeObject) }),
    })),
  };
}

function includedObject(object: KubeObject, include: IncludeObject): object {
  if (include === 'Object') {
    return object;
  }
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

function makeDefinition(column: TableColumn): object {
  return {
    name: column.name,
    type: column.type,
    format: column.format ?? (column.name === 'Name' ? 'name' : ''),
    description: column.description ?? '',
    priority: column.priority ?? 0,
  };
}

/** `5s`, `2m30s`, `3h`, `4d`: how kubectl shows ages. */
export function humanAge(since: string | undefined, now: number): string {
  if (since === undefined) {
    return '<unknown>';
  }
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (seconds < 120) {
    return `${seconds}s`;
  }
  if (minutes < 10) {
    return withRest(`${minutes}m`, seconds % 60, 's');
  }
  if (hours < 3) {
    return `${minutes}m`;
  }
  if (hours < 8) {
    return withRest(`${hours}h`, minutes % 60, 'm');
  }
  if (hours < 48) {
    return `${hours}h`;
  }
  return days < 8 ? withRest(`${days}d`, hours % 24, 'h') : `${days}d`;
}

function withRest(whole: string, rest: number, unit: string): string {
  return rest === 0 ? whole : `${whole}${rest}${unit}`;
}

export const nameColumn: TableColumn = { name: 'Name', type: 'string', value: (object) => object.metadata.name };

export const ageColumn: TableColumn = {
  name: 'Age',
  type: 'string',
  value: (object, now) => humanAge(object.metadata.creationTimestamp, now),
};
