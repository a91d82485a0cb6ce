/** How the process ends, and what that means to the platform (`CONTRACT.md`); numbers after sysexits.h. */
export const exitCodes = {
  /** It was told to, and that is no failure, also when the drain timeout cut something off. */
  stopped: 0,
  /** EX_USAGE: a setting of the runtime is wrong. */
  badConfiguration: 64,
  /** EX_DATAERR: the module threw while loading, or its syntax is wrong. */
  codeDidNotLoad: 65,
  /** EX_NOINPUT: no file or no export of that name, or it is not a function. */
  handlerNotFound: 66,
  /** EX_SOFTWARE: an error that nothing caught, after which the state of the process is unknown. */
  crashed: 70,
} as const;

export type StartFailureReason = 'BadConfiguration' | 'CodeDidNotLoad' | 'HandlerNotFound';

const codes: Readonly<Record<StartFailureReason, number>> = {
  BadConfiguration: exitCodes.badConfiguration,
  CodeDidNotLoad: exitCodes.codeDidNotLoad,
  HandlerNotFound: exitCodes.handlerNotFound,
};

/** The function cannot start. The message is one line, for its owner: what is wrong, and where in their file. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly reason: StartFailureReason;

  constructor(reason: StartFailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }

  get exitCode(): number {
    return codes[this.reason];
  }
}
