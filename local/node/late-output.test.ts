import { afterEach, expect, it } from 'vitest';
import { pods } from '../../lib/kube/resources.ts';
import { aPod, aPodSpec } from '../controllers/testing/builders.ts';
import { ClusterHarness } from '../controllers/testing/cluster-harness.ts';

let cluster: ClusterHarness;
afterEach(() => cluster.stop());

/** Ends, and leaves one behind in a group of its own that keeps its output open. */
const program = `
  const { spawn } = require('child_process');
  spawn('sleep', ['5'], { stdio: 'inherit', detached: true }).unref();
  console.error('it broke');
  process.exit(3);
`;

it('a container whose output somebody keeps open has ended all the same, with its last words, and is started again', async () => {
  cluster = await ClusterHarness.start({ images: { leaver: { command: [process.execPath, '-e', program] } } });
  await cluster.create(
    pods,
    aPod('p', aPodSpec({ image: 'leaver', terminationMessagePolicy: 'FallbackToLogsOnError' })),
  );
  const status = await cluster.until('it was started again', async () => {
    const pod = await cluster.client.get(pods, { namespace: 'default', name: 'p' });
    return pod.status?.containerStatuses?.find(({ restartCount }) => restartCount > 0);
  });
  expect(status.lastState?.terminated).toMatchObject({ exitCode: 3, message: 'it broke\n' });
});
