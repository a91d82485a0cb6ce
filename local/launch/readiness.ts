import { get } from 'node:http';
import { isTrue } from '../../lib/api/conditions.ts';
import type { FunctionObject } from '../../lib/api/function.ts';
import { functions } from '../../lib/api/resources.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';

const lookEveryMs = 10;

/** Resolves once `/readyz` answers 200. */
export async function untilProcessReady(adminUrl: string, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!(await answersOk(`${adminUrl}/readyz`))) {
    await clock.sleep(lookEveryMs, signal);
  }
}

/** Resolves once the Function is Ready, or has told why it is not. */
export async function untilFunctionSettled(
  client: Pick<KubeClient, 'get'>,
  name: { readonly namespace: string; readonly name: string },
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<FunctionObject> {
  for (;;) {
    const fn = await client.get(functions, name);
    const { conditions } = fn.status ?? {};
    if (isTrue(conditions, 'Ready') || isTrue(conditions, 'Stalled')) {
      return fn;
    }
    await clock.sleep(lookEveryMs, signal);
  }
}

function answersOk(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  get(url, { agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  }).once('error', () => {
    resolve(false);
  });
  return promise;
}
