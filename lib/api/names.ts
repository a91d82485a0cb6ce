/** Every derived name of the project. A Function's name is at most 52 characters, so that all of these fit into 63. */

export const fieldManagers = {
  operator: 'flint-operator',
  /** Owns `spec.replicas` of Deployments from their creation on. */
  activator: 'flint-activator',
} as const;

export const labels = {
  function: 'flint.dev/function',
  revision: 'flint.dev/revision',
} as const;

/** On Revisions; what the operator has to remember of why it made one. */
export const annotations = {
  /** SHA-256 of what the Function itself says: of two Revisions that have it in common only the Runtime differs. */
  content: 'flint.dev/content-sha256',
  /** The proven Revision that this one follows only because the Runtime changed. */
  runtimeUpdateOf: 'flint.dev/runtime-update-of',
  /** `timeouts.drain` of the Function when the Revision was made: it is live, and a change of it must not restart what runs. */
  drain: 'flint.dev/drain',
  /** SHA-256 of all that the operator states of a Deployment: that a release states less than the one before shows nowhere else. */
  stated: 'flint.dev/stated-sha256',
} as const;

/** The container of a function's Pod that serves requests. */
export const functionContainer = 'function';
/** The name of its one port. */
export const functionPort = 'http';
/** The volume that holds the code. */
export const codeVolume = 'code';

/** What the runtime image reads; the contract is `runtime-images/CONTRACT.md`. */
export const runtimeEnv = {
  port: 'PORT',
  codePath: 'FLINT_CODE_PATH',
  handler: 'FLINT_HANDLER',
  function: 'FLINT_FUNCTION',
  namespace: 'FLINT_NAMESPACE',
  revision: 'FLINT_REVISION',
  terminationLog: 'FLINT_TERMINATION_LOG',
  drainTimeout: 'FLINT_DRAIN_TIMEOUT',
} as const;

/** `hello-3f2a91c04b`: the first 10 hex digits of the SHA-256 of the canonical versioned part. */
export function revisionName(functionName: string, sha256: string): string {
  return `${functionName}-${sha256.slice(0, 10)}`;
}

/** A Revision's Deployment and ConfigMap are named like it. */
export function deploymentName(revision: string): string {
  return revision;
}

export function codeConfigMapName(revision: string): string {
  return revision;
}

/** The ExternalName Service that makes `http://hello.shop` work inside the cluster. */
export function serviceName(functionName: string): string {
  return functionName;
}
