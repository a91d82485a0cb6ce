import { connect } from 'node:net';

import { request } from '../../lib/http/node-http.ts';
import type { PodEndpoint } from './pod-state.ts';
import type { Probe } from './probe.ts';

/** The production {@link Probe}: a TCP connect, or the GET that the Pod's own readiness probe names. */
export const socketProbe: Probe = (endpoint, check, signal) => {
  if (signal.aborted) {
    return Promise.resolve(false);
  }
  return check.kind === 'connect' ? canConnect(endpoint, signal) : getsSuccess(endpoint, check, signal);
};

function canConnect(endpoint: PodEndpoint, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: endpoint.host, port: endpoint.port, signal });
  const finish = (answered: boolean) => () => {
    socket.destroy();
    resolve(answered);
  };
  socket.once('connect', finish(true));
  // Stays for good: an abort after the connect still raises one.
  socket.on('error', finish(false));
  return promise;
}

/** 200 to 399, as the kubelet judges; the body is nobody's business. */
function getsSuccess(
  endpoint: PodEndpoint,
  check: { readonly path: string; readonly headers: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = request({
    host: endpoint.host,
    port: endpoint.port,
    path: check.path,
    headers: { connection: 'close', ...check.headers },
    agent: false,
    signal,
  });
  probe.once('response', (response) => {
    const status = response.statusCode ?? 0;
    response.destroy();
    resolve(status >= 200 && status < 400);
  });
  probe.on('error', () => {
    resolve(false);
  });
  probe.end();
  return promise;
}
