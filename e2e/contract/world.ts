import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { systemClock, systemRandom } from '../../lib/clock.ts';
import { openConnection } from '../../lib/kube/connect.ts';
import { createClient, type HttpClient } from '../../lib/kube/http-client.ts';
import type { ConfigMap, KubeObject } from '../../lib/kube/objects.ts';
import { namespaces, type Resource } from '../../lib/kube/resources.ts';
import type { StatusError } from '../../lib/kube/status-error.ts';
import { currentTarget, unavailable } from '../framework/current-target.ts';
import { Kubectl } from '../framework/kubectl.ts';
import { eventually } from '../framework/patience.ts';
import { skipAll } from '../framework/story.ts';
import type { Target } from '../framework/target.ts';

export const fieldManager = 'tester';

export const crds: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

export interface Widget extends KubeObject {
  spec?: { size?: number; list?: { name: string; value?: string }[]; note?: string };
  status?: object;
}

export const widgets: Resource<Widget> = {
  group: 'contract.flint.dev',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

const widgetCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${widgets.plural}.${widgets.group}` },
  spec: {
    group: widgets.group,
    scope: 'Namespaced',
    names: { plural: widgets.plural, kind: widgets.kind },
    versions: [
      {
        name: widgets.version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', minimum: 1, maximum: 10, default: 3 },
                  note: { type: 'string', maxLength: 5, pattern: '^[a-z]*$' },
                  list: {
                    type: 'array',
                    maxItems: 10,
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: { name: { type: 'string' }, value: { type: 'string' } },
                    },
                  },
                },
                'x-kubernetes-validations': [
                  { rule: "!has(self.note) || self.note != 'bad'", message: 'choose another note' },
                  { rule: '!has(oldSelf.note) || has(self.note)', message: 'a note stays' },
                ],
              },
              status: {
                type: 'object',
                'x-kubernetes-preserve-unknown-fields': true,
                default: { observedGeneration: -1 },
              },
            },
          },
        },
      },
    ],
  },
};

/** What the facts are asked with: a client of the target's API server, a namespace, and a fresh name for each test. */
export class Asking {
  readonly namespace = `contract-${randomBytes(4).toString('hex')}`;
  #client: HttpClient | undefined;
  #sequence = 0;
  name = '';
  readonly #target: Target | undefined;

  constructor(target: Target | undefined) {
    this.#target = target;
  }

  /** Before the facts of a file, where there is a target. */
  prepare(body: () => Promise<unknown>): void {
    if (this.#target !== undefined) {
      beforeAll(async () => {
        await body();
      });
    }
  }

  /** Before each test. */
  begin(): void {
    this.name = `w${this.#sequence++}`;
  }

  async open(kubeconfig: string): Promise<void> {
    this.#client = createClient({
      connection: await openConnection({ kind: 'kubeconfig', file: kubeconfig }),
      clock: systemClock,
      random: systemRandom,
      userAgent: 'flint-contract',
    });
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } };
    await this.client.create(namespaces, namespace, { fieldManager });
    await this.client.apply(crds, widgetCrd, { fieldManager });
    await eventually('the new kind is served', async () => {
      for await (const _page of this.client.list(widgets, { namespace: this.namespace })) {
        return true;
      }
      return undefined;
    });
  }

  async close(): Promise<void> {
    await this.client.delete(namespaces, { name: this.namespace });
    await this.client.close();
  }

  get client(): HttpClient {
    if (this.#client === undefined) {
      throw new Error('not open yet');
    }
    return this.#client;
  }

  /** For what a client hides: the bytes of an answer. */
  get kubectl(): Kubectl {
    if (this.#target === undefined) {
      throw new Error('there is no target on this machine');
    }
    return new Kubectl(this.#target, this.namespace);
  }

  /** Of this test's object. */
  get at(): { readonly namespace: string; readonly name: string } {
    return { namespace: this.namespace, name: this.name };
  }

  widget(spec: unknown, metadata: object = {}): Widget {
    return {
      apiVersion: `${widgets.group}/${widgets.version}`,
      kind: widgets.kind,
      metadata: { ...this.at, ...metadata },
      spec: spec as Widget['spec'] & object,
    };
  }

  configMap(data: Record<string, string>, more: object = {}): ConfigMap {
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...this.at }, data, ...more };
  }
}

/** Sets one file of facts up against the target. */
export function askTarget(): Asking {
  const asking = new Asking(currentTarget);
  if (currentTarget === undefined) {
    skipAll(unavailable);
    return asking;
  }
  const { kubeconfig } = currentTarget;
  beforeAll(() => asking.open(kubeconfig));
  afterAll(() => asking.close());
  beforeEach(() => {
    asking.begin();
  });
  return asking;
}

/** What a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<Pick<StatusError, 'code' | 'reason' | 'message'>> {
  const error = await call.then(
    () => new Error('it was allowed'),
    (thrown: unknown) => thrown as StatusError,
  );
  const { code, reason, message } = error as StatusError;
  return { code, reason, message };
}
