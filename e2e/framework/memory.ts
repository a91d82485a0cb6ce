import { text } from 'node:stream/consumers';
import { get, type IncomingMessage } from 'node:http';
import { Kubectl } from './kubectl.ts';
import type { Target } from './target.ts';

/** Resident memory of the activator in MB (10⁶ bytes), from its own metrics, which every kind of target has. */
export async function activatorMemoryMb(target: Target): Promise<number> {
  const admin = target.activatorAdmin ?? (await adminOfPod(target));
  return (await metric(`${admin}/metrics`, 'process_resident_memory_bytes')) / 1e6;
}

/** Of the activator that runs now: a story may have had another one. */
async function adminOfPod(target: Target): Promise<string> {
  const port = await new Kubectl(target, 'flint-system').run(
    'get',
    'pods',
    '--selector=app.kubernetes.io/component=activator',
    '--output=jsonpath={.items[0].spec.containers[0].ports[?(@.name=="admin")].containerPort}',
  );
  return `http://127.0.0.1:${port}`;
}

/** The value of a metric without labels. @throws Error when it is not there. */
async function metric(url: string, name: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(url, resolve).once('error', reject);
  const page = await text(await promise);
  const line = page.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  if (line === undefined) {
    throw new Error(`${url} has no metric ${name}`);
  }
  return Number(line.slice(name.length + 1));
}
