import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isTrue } from '../../lib/api/conditions.ts';
import { systemClock, systemRandom } from '../../lib/clock.ts';
import { createClient, type HttpClient } from '../../lib/kube/http-client.ts';
import type { Node } from '../../local/controllers/resources.ts';
import { apiUrl } from './addresses.ts';

/** A client of the bed's API server, as its administrator. */
export async function openApi(certificates: string): Promise<HttpClient> {
  const read = (name: string): Promise<string> => readFile(join(certificates, name), 'utf8');
  const connection = {
    url: apiUrl,
    ca: await read('ca.crt'),
    certificate: { cert: await read('admin.crt'), key: await read('admin.key') },
  };
  return createClient({ connection, clock: systemClock, random: systemRandom, userAgent: 'flint-bed' });
}

export function isReady({ status }: Node): boolean {
  return isTrue(status?.conditions, 'Ready');
}
