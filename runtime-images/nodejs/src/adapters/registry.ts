import type { Signature } from '../config.ts';
import { StartFailure } from '../start-failure.ts';
import type { Adapter, Choice, Exported, Served } from './adapter.ts';
import { fetchAdapter } from './fetch.ts';
import { nodeHttpAdapter } from './node-http.ts';

/** What most functions are is here already; the others are loaded by those that need them. */
const adapters: Readonly<Record<Signature, () => Adapter | Promise<Adapter>>> = {
  fetch: () => fetchAdapter,
  http: () => nodeHttpAdapter,
  lambda: async () => (await import('./lambda/adapter.ts')).lambdaAdapter,
  'google-http': async () => (await import('./google/http.ts')).googleHttpAdapter,
  'google-event': async () => (await import('./google/event.ts')).googleEventAdapter,
  cloudevent: async () => (await import('./google/cloud-event.ts')).cloudEventAdapter,
  knative: async () => (await import('./knative/adapter.ts')).knativeAdapter,
  openfaas: async () => (await import('./openfaas/adapter.ts')).openfaasAdapter,
};

/** @throws StartFailure when nothing can call what was chosen */
export async function adapt({ signature, exported }: Choice): Promise<Served> {
  const adapter = await adapters[signature]();
  const served = await adapter.adapt(exported);
  if (served === undefined) {
    throw new StartFailure('HandlerNotFound', describe(exported));
  }
  return served;
}

function describe({ name, value }: Exported): string {
  const what = typeof value === 'object' ? 'an object without a method fetch' : `a value of type ${typeof value}`;
  return `${name} is ${what}; a handler is a function, or an object with a method fetch`;
}
