/** What the activator's access log says of one request, as far as a person at the terminal wants to know. */
export interface AccessRecord {
  readonly time: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  /** The platform's error code when it answered itself. */
  readonly code?: string;
  /** Phases of a cold start in milliseconds. */
  readonly phases?: Readonly<Record<string, number>>;
}

/** `15:04:05.123  GET   hello.default.localhost/?name=you  200  71 ms  cold: queue 0, schedule 14, …`. */
export function renderRequest(record: AccessRecord): string {
  const outcome = record.code === undefined ? String(record.status) : `${record.status} ${record.code}`;
  const parts = [
    timeOfDay(record.time),
    record.method.padEnd(5),
    `${record.host}${record.path}`,
    outcome,
    duration(record.durationMs),
  ];
  if (record.phases !== undefined) {
    parts.push(`cold: ${phaseList(record.phases)}`);
  }
  return parts.join('  ');
}

export interface ScaleEvent {
  readonly time: string;
  readonly namespace: string;
  readonly functionName: string;
  readonly revision: string;
  readonly from: number;
  readonly to: number;
}

/** `15:04:05.060  scale default/hello  0 → 1  (hello-3f2a91c04b)`. */
export function renderScale(event: ScaleEvent): string {
  const change = `${event.from} → ${event.to}`;
  return `${timeOfDay(event.time)}  scale  ${event.namespace}/${event.functionName}  ${change}  (${event.revision})`;
}

export interface ReadyEvent {
  readonly time: string;
  readonly namespace: string;
  readonly functionName: string;
  readonly ready: boolean;
  readonly reason: string;
  readonly message: string;
}

/** `15:04:05.060  ready  default/hello`, or `… not ready  default/hello  CodeDidNotLoad: SyntaxError …`. */
export function renderReady(event: ReadyEvent): string {
  const subject = `${event.namespace}/${event.functionName}`;
  return event.ready
    ? `${timeOfDay(event.time)}  ready  ${subject}`
    : `${timeOfDay(event.time)}  not ready  ${subject}  ${event.reason}: ${event.message}`;
}

/** A component's end that nobody asked for; the kubelet starts it again. */
export interface CrashRecord {
  readonly pod: string;
  readonly namespace: string;
  /** `exit code 1`, `signal 9`. */
  readonly how: string;
}

/** `the operator ended (signal 9) and starts again; why: kubectl --kubeconfig … logs …`. */
export function renderCrash(component: string, { how, namespace, pod }: CrashRecord, kubeconfig: string): string {
  const command = `npm run -s kubectl -- --kubeconfig ${kubeconfig} logs -n ${namespace} ${pod} --previous`;
  return `the ${component} ended (${how}) and starts again; why: ${command}`;
}

/** The access record in a log line of the activator; undefined for any other line. */
export function tryParseAccess(line: string): AccessRecord | undefined {
  if (!line.startsWith('{')) {
    return undefined;
  }
  try {
    const record = JSON.parse(line) as AccessRecord & { readonly msg?: string };
    return record.msg === 'request' ? record : undefined;
  } catch {
    return undefined;
  }
}

function phaseList(phases: Readonly<Record<string, number>>): string {
  return Object.entries(phases)
    .map(([phase, ms]) => `${phase} ${Math.round(ms)}`)
    .join(', ');
}

function duration(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** The local time of day of an RFC 3339 moment. */
export function timeOfDay(moment: string): string {
  const date = new Date(moment);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0'));
  return `${parts.join(':')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** Every line of it, as of a stack below the line that it belongs to. */
export function indent(text: string): string {
  return text.replace(/^/gmu, '    ');
}
