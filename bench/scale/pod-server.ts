import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PodServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface PodServerOptions {
  readonly count: number;
  /** Without it the initial objects of a watch are refused, as by a server that does not know them: the client lists, page by page. */
  readonly streams: boolean;
}

const version = '1000000';
const at = '2026-01-01T00:00:00Z';

/** Serves Pods as a kube-apiserver does, from memory: as the initial events of a watch, or in pages. */
export async function startPodServer({ count, streams }: PodServerOptions): Promise<PodServer> {
  const pods = Array.from({ length: count }, (_, index) => JSON.stringify(makePod(index)));
  const server = createServer((request, response) => {
    const { searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
    if (query.get('watch') === null) {
      sendPage(response, pods, query);
    } else if (query.get('sendInitialEvents') === null) {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    } else if (streams) {
      streamAll(response, pods);
    } else {
      refuse(response);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => stop(server) };
}

function streamAll(response: ServerResponse, pods: readonly string[]): void {
  const metadata = { resourceVersion: version, annotations: { 'k8s.io/initial-events-end': 'true' } };
  const end = JSON.stringify({ type: 'BOOKMARK', object: { kind: 'Pod', apiVersion: 'v1', metadata } });
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write(`${pods.map((pod) => `{"type":"ADDED","object":${pod}}\n`).join('')}${end}\n`);
}

function sendPage(response: ServerResponse, pods: readonly string[], query: URLSearchParams): void {
  const from = Number(query.get('continue') ?? 0);
  const to = Math.min(pods.length, from + Number(query.get('limit') ?? pods.length));
  const metadata = { resourceVersion: version, ...(to < pods.length ? { continue: String(to) } : {}) };
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(
      `{"kind":"PodList","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":[${pods.slice(from, to).join(',')}]}`,
    );
}

function refuse(response: ServerResponse): void {
  const status = {
    kind: 'Status',
    status: 'Failure',
    reason: 'Invalid',
    code: 422,
    message: 'sendInitialEvents is forbidden',
  };
  response.writeHead(422, { 'content-type': 'application/json' }).end(JSON.stringify(status));
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** About 4 kB, of which a quarter is managed fields: what `kubectl get pod --output json` shows of a running function. */
function makePod(index: number): object {
  const owner = `hello-${index}`;
  const revision = `${owner}-0123456789`;
  const managers = ['kube-controller-manager', 'kubelet'];
  return {
    metadata: {
      name: `${revision}-abcde`,
      namespace: `team-${index % 50}`,
      uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      resourceVersion: String(index + 1),
      creationTimestamp: at,
      labels: { 'flint.dev/function': owner, 'flint.dev/revision': revision },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: revision, uid: `r-${index}`, controller: true },
      ],
      managedFields: managers.map((manager) => ({
        manager,
        operation: 'Update',
        apiVersion: 'v1',
        time: at,
        fieldsType: 'FieldsV1',
        fieldsV1: Object.fromEntries(
          Array.from({ length: 12 }, (_, field) => [`f:field-${field}`, { '.': {}, 'f:value': {} }]),
        ),
      })),
    },
    spec: makePodSpec(index, revision),
    status: makePodStatus(index),
  };
}

function makePodSpec(index: number, revision: string): object {
  const env = Array.from({ length: 12 }, (_, variable) => ({
    name: `VARIABLE_${variable}`,
    value: `value ${variable} of ${revision}`,
  }));
  return {
    nodeName: `node-${index % 100}`,
    containers: [
      {
        name: 'function',
        image: 'registry.example/flint/nodejs:0.1.0',
        ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
        env,
        resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
        volumeMounts: [{ name: 'code', mountPath: '/code', readOnly: true }],
      },
    ],
    volumes: [{ name: 'code', configMap: { name: revision, defaultMode: 420 } }],
    tolerations: ['not-ready', 'unreachable'].map((key) => ({
      key: `node.kubernetes.io/${key}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
  };
}

function makePodStatus(index: number): object {
  const digest = '0123456789abcdef'.repeat(4);
  const conditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
  return {
    phase: 'Running',
    podIP: `10.${index % 250}.${index % 200}.7`,
    conditions: conditions.map((type) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: at })),
    containerStatuses: [
      {
        name: 'function',
        image: 'registry.example/flint/nodejs:0.1.0',
        imageID: `registry.example/flint/nodejs@sha256:${digest}`,
        containerID: `containerd://${digest}`,
        ready: true,
        restartCount: 0,
        started: true,
        state: { running: { startedAt: at } },
      },
    ],
  };
}
