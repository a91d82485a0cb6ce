import type { KubeObject } from '../../../lib/kube/objects.ts';

/** One object as it is kept: its JSON, under the version of its last change. */
export interface JournalRecord {
  /** `deployments.apps`, as `kindKey` has it. */
  readonly kind: string;
  /** `namespace/name`, or the name alone. */
  readonly key: string;
  readonly version: number;
  readonly json: string;
}

/** What a journal holds when it is opened. */
export interface JournalContent {
  /** The latest version that was ever given out; 0 in a new one. */
  readonly version: number;
  readonly objects: readonly { readonly kind: string; readonly key: string; readonly object: KubeObject }[];
}

/**
 * Where a `Storage` writes each change before anybody hears of it: what was answered is what a later start finds. A write that
 * throws has changed nothing.
 */
export interface Journal {
  /** Read once, before the first write. */
  load(): JournalContent;
  put(record: JournalRecord): void;
  /** @param removal its version is that of the removal, which may be the latest of all */
  remove(removal: Omit<JournalRecord, 'json'>): void;
  close(): void;
}

/** For tests, and wherever nothing has to outlive the process. */
export const forgetfulJournal: Journal = {
  load: () => ({ version: 0, objects: [] }),
  put: () => undefined,
  remove: () => undefined,
  close: () => undefined,
};
