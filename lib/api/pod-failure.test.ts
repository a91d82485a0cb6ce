import { describe, expect, it } from 'vitest';
import type { Pod } from '../kube/objects.ts';
import { failureOf } from './pod-failure.ts';

type Status = NonNullable<Pod['status']>;
type ContainerState = NonNullable<NonNullable<Status['containerStatuses']>[number]['state']>;

function aPod(status: Status, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'hello-1', namespace: 'shop', ...metadata },
    spec: { containers: [{ name: 'function' }] },
    status,
  };
}

function aContainer(state: ContainerState, lastState?: ContainerState): Status {
  const status = { name: 'function', image: 'registry/hello:1', imageID: '', ready: false, restartCount: 0, state };
  return { containerStatuses: [{ ...status, ...(lastState === undefined ? {} : { lastState }) }] };
}

const waiting = (reason: string, message?: string): ContainerState => ({
  waiting: { reason, ...(message === undefined ? {} : { message }) },
});

const terminated = (exitCode: number, message = '', reason = 'Error'): ContainerState => ({
  terminated: { exitCode, message, reason },
});

describe('a Pod that fails', () => {
  const cases = [
    {
      name: 'whose image is not there',
      status: aContainer(waiting('ErrImagePull', 'manifest unknown')),
      want: { reason: 'ImagePullFailed', message: 'image registry/hello:1: manifest unknown' },
    },
    {
      name: 'whose image is not tried again for now, without a message',
      status: aContainer(waiting('ImagePullBackOff')),
      want: { reason: 'ImagePullFailed', message: 'image registry/hello:1: ImagePullBackOff' },
    },
    {
      name: 'whose image name is none',
      status: aContainer(waiting('InvalidImageName', 'invalid reference format')),
      want: { reason: 'ImagePullFailed', message: 'image registry/hello:1: invalid reference format' },
    },
    {
      name: 'that names a Secret which is not there',
      status: aContainer(waiting('CreateContainerConfigError', 'secret "db" not found')),
      want: { reason: 'SecretNotFound', message: 'secret "db" not found' },
    },
    {
      name: 'that names a key which its ConfigMap has not',
      status: aContainer(waiting('CreateContainerConfigError', "couldn't find key a in ConfigMap shop/settings")),
      want: { reason: 'ConfigMapNotFound', message: "couldn't find key a in ConfigMap shop/settings" },
    },
    {
      name: 'whose image wants to be root',
      status: aContainer(
        waiting('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root'),
      ),
      want: {
        reason: 'ContainerCrashed',
        message: 'the container could not be created: container has runAsNonRoot and image will run as root',
      },
    },
    {
      name: 'whose command is not in the image',
      status: aContainer(waiting('RunContainerError', 'exec: "serve": executable file not found in $PATH')),
      want: {
        reason: 'ContainerCrashed',
        message: 'the container could not be started: exec: "serve": executable file not found in $PATH',
      },
    },
    {
      name: 'whose code does not load',
      status: aContainer(terminated(65, 'SyntaxError: Unexpected token (index.mjs:1)\n')),
      want: { reason: 'CodeDidNotLoad', message: 'SyntaxError: Unexpected token (index.mjs:1)' },
    },
    {
      name: 'whose code does not load, without a word',
      status: aContainer(terminated(65)),
      want: { reason: 'CodeDidNotLoad', message: 'the code did not load' },
    },
    {
      name: 'that has no such handler and waits for its next start',
      status: aContainer(waiting('CrashLoopBackOff', 'back-off 10s'), terminated(66, 'no export named "main"')),
      want: { reason: 'HandlerNotFound', message: 'no export named "main"' },
    },
    {
      name: 'that crashed: the last line that says something counts',
      status: aContainer(terminated(1, 'starting\nError: no database\n\n')),
      want: { reason: 'ContainerCrashed', message: 'the container ended with exit code 1: Error: no database' },
    },
    {
      name: 'that crashed in Node: neither the stack nor the version is the cause',
      status: aContainer(terminated(1, 'Error: boom\n    at index.mjs:1:7\n\nNode.js v26.10.0\n')),
      want: { reason: 'ContainerCrashed', message: 'the container ended with exit code 1: Error: boom' },
    },
    {
      name: 'that logs JSON: of the line its message',
      status: aContainer(terminated(3, '{"level":"error","message":"no database"}\n')),
      want: { reason: 'ContainerCrashed', message: 'the container ended with exit code 3: no database' },
    },
    {
      name: 'that logs JSON as pino does',
      status: aContainer(terminated(3, '{"level":50,"msg":"no database"}\n')),
      want: { reason: 'ContainerCrashed', message: 'the container ended with exit code 3: no database' },
    },
    {
      name: 'whose last JSON line was cut',
      status: aContainer(terminated(3, '{"level":"error","mess')),
      want: { reason: 'ContainerCrashed', message: 'the container ended with exit code 3: {"level":"error","mess' },
    },
    {
      name: 'that used too much memory',
      status: aContainer(terminated(137, '', 'OOMKilled')),
      want: {
        reason: 'ContainerCrashed',
        message: 'the container was killed for using more memory than its limit (OOMKilled) with exit code 137',
      },
    },
    {
      name: 'that no node has room for',
      status: {
        conditions: [
          { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' },
        ],
      } as Status,
      want: { reason: 'Unschedulable', message: '0/3 nodes are available' },
    },
    {
      name: 'whose init container fails',
      status: {
        initContainerStatuses: aContainer(terminated(2, 'no migrations')).containerStatuses ?? [],
        ...aContainer(waiting('PodInitializing')),
      },
      want: { reason: 'ContainerCrashed', message: 'the container ended with exit code 2: no migrations' },
    },
  ];
  it.each(cases)('$name', ({ status, want }) => {
    expect(failureOf(aPod(status))).toEqual(want);
  });
});

describe('nothing speaks against a Pod', () => {
  const ready = { conditions: [{ type: 'Ready', status: 'True' }] } as Status;
  const cases = [
    { name: 'without a status', pod: aPod({}) },
    { name: 'whose container is being created', pod: aPod(aContainer(waiting('ContainerCreating'))) },
    { name: 'that runs and is not ready yet', pod: aPod(aContainer({ running: {} })) },
    { name: 'that ended well', pod: aPod(aContainer(terminated(0))) },
    {
      name: 'that waits for a gate of its scheduling',
      pod: aPod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
    },
    {
      name: 'that crashed once and is Ready now',
      pod: aPod({ ...aContainer({ running: {} }, terminated(1, 'boom')), ...ready }),
    },
    {
      name: 'that crashed and starts again',
      pod: aPod(aContainer({ running: {} }, terminated(1, 'boom'))),
    },
    {
      name: 'that is on its way out, killed as it is',
      pod: aPod(aContainer(terminated(143)), { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    { name: 'that was evicted', pod: aPod({ phase: 'Failed', ...aContainer(terminated(137)) }) },
  ];
  it.each(cases)('$name', ({ pod }) => {
    expect(failureOf(pod)).toBeUndefined();
  });
});
