import type { TestProject } from 'vitest/node';
import { startBedTarget } from './bed-target.ts';
import { makeClusterTarget, readClusterEnvironment } from './cluster-target.ts';
import { startK3sTarget } from './k3s-target.ts';
import { startLocalFlint } from './local-target.ts';
import { parseTargetKind, type StartedTarget, type TargetKind, TargetUnavailableError } from './target.ts';

/** Starts the target that `E2E_TARGET` names once for all stories, and ends it after them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  try {
    const started = await start(parseTargetKind(process.env['E2E_TARGET']));
    project.provide('target', started.target);
    return () => started.stop();
  } catch (error) {
    if (!(error instanceof TargetUnavailableError)) {
      throw error;
    }
    process.stderr.write(`\nALL STORIES ARE SKIPPED: ${error.message}\n\n`);
    project.provide('unavailable', error.message);
    return () => Promise.resolve();
  }
}

async function start(kind: TargetKind): Promise<StartedTarget> {
  switch (kind) {
    case 'local':
      return startLocalFlint();
    case 'bed':
      return startBedTarget();
    case 'kubeconfig': {
      const target = await makeClusterTarget(kind, readClusterEnvironment(process.env));
      return { target, stop: () => Promise.resolve() };
    }
    case 'k3s':
      return startK3sTarget(process.env['E2E_K3S_IMAGE']);
  }
}
