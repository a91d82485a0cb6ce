import { text } from 'node:stream/consumers';
import { get, type IncomingMessage } from 'node:http';
import type { Target } from './target.ts';

/** Resident memory of the activator in MB (10⁶ bytes), from its own metrics, which every kind of target has. */
export async function activatorMemoryMb(target: Target): Promise<number> {
  return (await metric(`${target.activatorAdmin}/metrics`, 'process_resident_memory_bytes')) / 1e6;
}

/** The value of a metric without labels. @throws Error when it is not there. */
export async function metric(url: string, name: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(url, resolve).once('error', reject);
  const page = await text(await promise);
  const line = page.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  if (line === undefined) {
    throw new Error(`${url} has no metric ${name}`);
  }
  return Number(line.slice(name.length + 1));
}
