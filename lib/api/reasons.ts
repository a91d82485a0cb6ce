/** Why a function cannot run, in words its owner can act on. Condition reasons, events and `ColdStartFailed` share them. */
export const failureReasons = [
  'ImagePullFailed',
  'ContainerCrashed',
  'HandlerNotFound',
  'CodeDidNotLoad',
  'ProgressDeadlineExceeded',
  'Unschedulable',
  'QuotaExceeded',
  'RuntimeNotFound',
  'ConfigMapNotFound',
  'SecretNotFound',
  'InvalidPodTemplate',
  'FailedCreate',
  'NameTaken',
] as const;

export type FailureReason = (typeof failureReasons)[number];

export interface Failure {
  readonly reason: FailureReason;
  /** One sentence with the cause: exit code and last log line, image, missing name. */
  readonly message: string;
}

/** Exit codes of a Flint runtime that mean a certain failure (`runtime-images/CONTRACT.md`); sysexits.h by meaning. */
export const runtimeExitCodes = {
  /** EX_USAGE: a setting of the runtime itself is wrong. */
  badConfiguration: 64,
  /** EX_DATAERR: the module threw while loading, or its syntax is wrong. */
  codeDidNotLoad: 65,
  /** EX_NOINPUT: no file or no export of that name, or it is not a function. */
  handlerNotFound: 66,
} as const;
