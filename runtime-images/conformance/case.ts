/** One row of the table `cases.json`. */
export interface Case extends Step {
  readonly name: string;
  /** Steps that follow, one after the other. They use the connection of the one before where the runtime left it open. */
  readonly then?: readonly Step[];
  /** Only for runtimes that name this in their answer to `/features`. */
  readonly feature?: 'streams' | 'streamed-bodies' | 'trailers' | 'early-hints';
  /** The runtime is started for this case, with these variables besides the usual ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** So is it where its end is wanted: how the process ends after the last step, within 15 s. */
  readonly exit?: Exit;
}

/** One request, and what has to come of it. */
export interface Step {
  readonly request: Request;
  /** Done when the head of the answer is there, before any of its body is read. */
  readonly meanwhile?: readonly Action[];
  /** The client closes its connection: after `meanwhile`, or after so many milliseconds if nothing was answered by then. */
  readonly leaves?: 'after the head' | number;
  /** Asks again and again: until all of `want` holds, for at most 5 s; or until two answers in a row are the same. */
  readonly until?: 'it holds' | 'it stands still';
  readonly want: Want;
}

export type Action = Step | { readonly signal: 'SIGTERM' };

export interface Request {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A body of so many bytes, instead of `body`. */
  readonly bodyBytes?: number;
  readonly trailers?: Readonly<Record<string, string>>;
  /** A header of so many bytes besides. */
  readonly headerBytes?: number;
  /** What the connection carries, instead of everything else here. The runtime has to close it. */
  readonly raw?: string;
}

type Fields = Readonly<Record<string, string | readonly string[] | null>>;

export interface Want {
  readonly status?: number;
  /** null: absent. A list: so many headers of that name. */
  readonly headers?: Fields;
  readonly text?: string;
  readonly bytes?: number;
  /** Members that the body has among others. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** Members that are numbers no larger than these. */
  readonly atMost?: Readonly<Record<string, number>>;
  readonly notText?: string;
  readonly trailers?: Fields;
  /** Answers with 1xx that came before, all of them. */
  readonly interim?: readonly { readonly status: number; readonly headers?: Fields }[];
  /** How it ended; `whole` where nothing is said. `refused`: nobody listens, as where a start has failed. */
  readonly end?: 'whole' | 'cut off' | 'refused';
  /** Whether the connection had served the step before. */
  readonly isReused?: boolean;
  /** Of a body that nobody reads, the connection takes no more than so many bytes. The client leaves then. */
  readonly takesAtMost?: number;
}

export interface Exit {
  readonly code: number;
  /** Whether there is one line in FLINT_TERMINATION_LOG. */
  readonly hasReason?: boolean;
}
