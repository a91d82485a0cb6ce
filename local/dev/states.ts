import { findCondition } from '../../lib/api/conditions.ts';
import type { FunctionObject, FunctionStatus } from '../../lib/api/function.ts';
import type { Condition } from '../../lib/kube/objects.ts';
import { timeOfDay } from '../console/lines.ts';
import { type PositionContext, showFiles } from './positions.ts';

/** What a Function's status says to who edits it. */
export type State =
  | { readonly kind: 'running'; readonly revision: string }
  | { readonly kind: 'failed'; readonly revision: string; readonly failure: string; readonly goesOn: boolean };

/** undefined while it is under way; so is a ConfigMap that is not found, since the loop applied it: the operator sees it soon. */
export function stateOf({ status, metadata }: FunctionObject): State | undefined {
  return status?.observedGeneration === metadata.generation ? stateIn(status ?? {}) : undefined;
}

function stateIn(status: FunctionStatus): State | undefined {
  const ready = findCondition(status.conditions, 'Ready');
  const [serving] = (status.traffic ?? []).map(({ revisionName }) => revisionName);
  switch (ready?.status) {
    case undefined:
    case 'Unknown':
      return undefined;
    case 'True':
      return { kind: 'running', revision: serving ?? '' };
    case 'False':
      return ready.reason === 'ConfigMapNotFound' ? undefined : failedIn(status, ready);
  }
}

/** `Ready` adds which Revision it is and what goes on, for those who have not just saved it. */
function failedIn({ conditions, traffic = [], latestCreatedRevision = '' }: FunctionStatus, ready: Condition): State {
  const ofRevision = findCondition(conditions, 'RevisionReady');
  const { reason, message } = ofRevision?.status === 'False' ? ofRevision : ready;
  return {
    kind: 'failed',
    revision: latestCreatedRevision,
    failure: `${reason}: ${message}`,
    goesOn: traffic.some(({ revisionName }) => revisionName !== latestCreatedRevision),
  };
}

export interface StateContext extends PositionContext {
  readonly functionName: string;
  /** RFC 3339. */
  readonly time: string;
  /** Since the save that led to it. */
  readonly sinceSaveMs: number | undefined;
  /** It is a file of which the runtime sees nothing that lies beside it. */
  readonly isAlone: boolean;
}

const missingFile = /Cannot find module '\.{1,2}\//u;

/** `15:04:05.060  runs    hello  (187 ms after the save)`, or `… failed  hello  CodeDidNotLoad: SyntaxError: … (hello.mjs:3:5)`. */
export function renderState(state: State, context: StateContext): string {
  const { functionName, time, sinceSaveMs } = context;
  const head = [timeOfDay(time), (state.kind === 'running' ? 'runs' : 'failed').padEnd(6), functionName].join('  ');
  if (state.kind === 'running') {
    return sinceSaveMs === undefined ? head : `${head}  (${Math.round(sinceSaveMs)} ms after the save)`;
  }
  const meanwhile = state.goesOn ? '; the code from before goes on serving' : '';
  const isCut = context.isAlone && missingFile.test(state.failure);
  const advice = isCut ? '; a file is served alone: serve its folder, with an index file as its entry' : '';
  return `${head}  ${showFiles(state.failure, context)}${advice}${meanwhile}`;
}

/** Tells a state once: a status is written again and again, and a replica that crashes is started again. */
export class Teller {
  #told = '';

  isNew(state: State): boolean {
    const text = JSON.stringify(state);
    const isNew = text !== this.#told;
    this.#told = text;
    return isNew;
  }
}
