import { createServer } from 'node:net';
import type { Clock, Random } from '../../lib/clock.ts';
import type { Pod } from '../../lib/kube/objects.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import type { Container } from './mounts.ts';

/**
 * Below the ranges from which Linux (32768) and others (49152) take ports of outgoing connections: none of those can take one
 * meanwhile.
 */
const range = { first: 20_000, count: 10_000 };
/** A port whose pod was refused after all, or never seen, is free again after this long. */
const forgetAfterMs = 60_000;
const portVariable = 'PORT';

export interface PortTableOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly random: Random;
  /** Nothing on this machine listens there. */
  readonly isFree?: (port: number) => boolean;
}

type Lease = { readonly kind: 'promised'; readonly until: number } | { readonly kind: 'held' };

/** Which pod has which port of the machine: pods share its loopback, as with hostNetwork. */
export class PortTable {
  readonly #options: Required<PortTableOptions>;
  readonly #leases = new Map<number, Lease>();

  constructor(options: PortTableOptions) {
    this.#options = { isFree: isPortFree, ...options };
  }

  /**
   * The pod with a free port, or the hostPort it asks for, in place of each containerPort, in its `PORT` variable and in probes
   * that name the number.
   * @throws StatusError when there is none left
   */
  admit(pod: Pod): Pod {
    const containers = pod.spec.containers.map((container) => this.#admitContainer(container));
    return { ...pod, spec: { ...pod.spec, containers } };
  }

  /** The pod exists: its ports stay its own until `release`. */
  hold(pod: Pod): void {
    portsOf(pod).forEach((port) => this.#leases.set(port, { kind: 'held' }));
  }

  release(pod: Pod): void {
    portsOf(pod).forEach((port) => this.#leases.delete(port));
  }

  #admitContainer(container: Container): Container {
    if (container.ports === undefined || container.ports.length === 0) {
      return container;
    }
    const assigned = new Map(
      container.ports.map(({ containerPort, hostPort }) => [containerPort, hostPort ?? this.#take()]),
    );
    return rewritePorts(container, assigned);
  }

  #take(): number {
    const start = Math.floor(this.#options.random() * range.count);
    for (let step = 0; step < range.count; step++) {
      const port = range.first + ((start + step) % range.count);
      if (!this.#isTaken(port) && this.#options.isFree(port)) {
        this.#leases.set(port, { kind: 'promised', until: this.#options.clock.monotonic() + forgetAfterMs });
        return port;
      }
    }
    throw new StatusError({
      code: 503,
      reason: 'ServiceUnavailable',
      message: `no port is free from ${range.first} to ${range.first + range.count - 1}`,
    });
  }

  #isTaken(port: number): boolean {
    const lease = this.#leases.get(port);
    return lease !== undefined && (lease.kind === 'held' || lease.until > this.#options.clock.monotonic());
  }
}

function rewritePorts(container: Container, assigned: ReadonlyMap<number, number>): Container {
  const portOf = (value: unknown): number | undefined => assigned.get(Number(value));
  const env = container.env?.map((variable) => {
    const port = variable.name === portVariable ? portOf(variable.value) : undefined;
    return port === undefined ? variable : { ...variable, value: String(port) };
  });
  const probes = Object.fromEntries(
    probeFields.flatMap((field) => {
      const probe = container[field];
      return probe === undefined ? [] : [[field, rewriteProbe(probe, portOf)]];
    }),
  );
  return {
    ...container,
    ...probes,
    ...(env === undefined ? {} : { env }),
    ports: (container.ports ?? []).map((port) => ({
      ...port,
      containerPort: portOf(port.containerPort) ?? port.containerPort,
    })),
  };
}

const probeFields = ['readinessProbe', 'livenessProbe', 'startupProbe'] as const;
type Probe = NonNullable<Container['readinessProbe']>;

/** A port by name follows by itself. */
function rewriteProbe(probe: Probe, portOf: (value: unknown) => number | undefined): Probe {
  const { httpGet, tcpSocket } = probe;
  const follow = <T extends { port: unknown }>(action: T): T => ({
    ...action,
    port: portOf(action.port) ?? action.port,
  });
  return {
    ...probe,
    ...(httpGet === undefined ? {} : { httpGet: follow(httpGet) }),
    ...(tcpSocket === undefined ? {} : { tcpSocket: follow(tcpSocket) }),
  };
}

function portsOf(pod: Pod): number[] {
  return pod.spec.containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
}

/** Binding is synchronous as long as no name has to be resolved, so that admission can be. */
function isPortFree(port: number): boolean {
  const server = createServer();
  // A busy port: `address` says so below; unheard, the event would end the process.
  server.on('error', () => undefined);
  server.listen(port);
  const isFree = server.address() !== null;
  server.close();
  return isFree;
}
