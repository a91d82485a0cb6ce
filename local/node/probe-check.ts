import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Clock } from '../../lib/clock.ts';
import { errorMessage } from '../../lib/errors.ts';
import type { Container } from './mounts.ts';
import { podIp } from './pod-status.ts';

export type Probe = NonNullable<Container['readinessProbe']>;

/** `unknown`: the kind of probe is not supported here; it changes nothing. */
export type ProbeResult =
  { readonly kind: 'success' } | { readonly kind: 'failure' | 'unknown'; readonly message: string };

export interface ProbeTarget {
  readonly probe: Probe;
  readonly container: Container;
}

/** One check of a container, at most as long as the probe's timeout. */
export function checkProbe({ probe, container }: ProbeTarget, clock: Pick<Clock, 'schedule'>): Promise<ProbeResult> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.tcpSocket !== undefined) {
    return checkTcp(findPort(container, probe.tcpSocket.port), timeoutMs, clock);
  }
  if (probe.httpGet !== undefined) {
    return checkHttp(probe.httpGet, { port: findPort(container, probe.httpGet.port), timeoutMs }, clock);
  }
  const message = 'the embedded node knows httpGet and tcpSocket probes; exec and grpc need a container';
  return Promise.resolve({ kind: 'unknown', message });
}

/** By number, or by the name of one of the container's ports. */
function findPort({ ports = [] }: Container, port: unknown): number {
  return ports.find(({ name }) => name === port)?.containerPort ?? Number(port);
}

function checkTcp(port: number, timeoutMs: number, clock: Pick<Clock, 'schedule'>): Promise<ProbeResult> {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const socket = connect({ host: podIp, port });
  const finish = (result: ProbeResult): void => {
    cancel();
    socket.destroy();
    resolve(result);
  };
  const cancel = clock.schedule(timeoutMs, () => {
    finish({ kind: 'failure', message: `dial tcp ${podIp}:${port}: i/o timeout` });
  });
  socket.once('connect', () => {
    finish({ kind: 'success' });
  });
  socket.once('error', (error) => {
    finish({ kind: 'failure', message: describeDial(error, port) });
  });
  return promise;
}

type HttpGet = NonNullable<Probe['httpGet']>;

interface HttpTarget {
  readonly port: number;
  readonly timeoutMs: number;
}

function checkHttp(
  action: HttpGet,
  { port, timeoutMs }: HttpTarget,
  clock: Pick<Clock, 'schedule'>,
): Promise<ProbeResult> {
  const { promise, resolve } = Promise.withResolvers<ProbeResult>();
  const headers: Record<string, string> = { 'user-agent': 'kube-probe/1.36', accept: '*/*', connection: 'close' };
  action.httpHeaders?.forEach(({ name, value }) => {
    headers[name.toLowerCase()] = value;
  });
  const options = { host: action.host ?? podIp, port, path: action.path ?? '/', headers, agent: false };
  // A kubelet does not check certificates either.
  const request =
    action.scheme === 'HTTPS' ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
  const finish = (result: ProbeResult): void => {
    cancel();
    request.destroy();
    resolve(result);
  };
  const cancel = clock.schedule(timeoutMs, () => {
    const message = `Get "http://${podIp}:${port}${options.path}": context deadline exceeded`;
    finish({ kind: 'failure', message });
  });
  request.once('response', ({ statusCode = 0 }) => {
    const isGood = statusCode >= 200 && statusCode < 400;
    finish(
      isGood ? { kind: 'success' } : { kind: 'failure', message: `HTTP probe failed with statuscode: ${statusCode}` },
    );
  });
  // Stays after the end: destroying a request may still make it emit.
  request.on('error', (error) => {
    finish({ kind: 'failure', message: `Get "http://${podIp}:${port}${options.path}": ${describeDial(error, port)}` });
  });
  request.end();
  return promise;
}

function describeDial(error: Error, port: number): string {
  const isRefused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
  return `dial tcp ${podIp}:${port}: connect: ${isRefused ? 'connection refused' : errorMessage(error)}`;
}
