import type { TestProject } from 'vitest/node';
import { makeClusterTarget, readClusterEnvironment } from './cluster-target.ts';
import { startLocalFlint } from './local-target.ts';
import { parseTargetKind } from './target.ts';

/** Starts the target that `E2E_TARGET` names once for all stories, and ends it after them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const kind = parseTargetKind(process.env['E2E_TARGET']);
  if (kind === 'kubeconfig') {
    project.provide('target', await makeClusterTarget(kind, readClusterEnvironment(process.env)));
    return () => Promise.resolve();
  }
  if (kind !== 'local') {
    throw new Error(`E2E_TARGET=${kind} cannot be started by this version; use local or kubeconfig`);
  }
  const flint = await startLocalFlint();
  project.provide('target', flint.target);
  return () => flint.stop();
}
