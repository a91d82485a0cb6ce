import type { IncomingMessage } from 'node:http';
import type { FunctionObject } from '../../lib/api/function.ts';
import { findCondition, isTrue } from '../../lib/api/conditions.ts';
import { labels } from '../../lib/api/names.ts';
import type { KubeObject, Pod } from '../../lib/kube/objects.ts';
import { open, send, type Answer, type Call } from './http.ts';
import { Kubectl } from './kubectl.ts';
import { eventually, type PatienceOptions } from './patience.ts';
import type { Target } from './target.ts';

/**
 * What a story is told with, in a test or in a bench: a namespace of its own on the target, kubectl in it, and requests to its
 * functions.
 */
export class Steps {
  readonly namespace: string;
  readonly #target: Target | undefined;

  /** @param target undefined where there is none: then every step is skipped before it begins */
  constructor(target: Target | undefined, namespace: string) {
    this.#target = target;
    this.namespace = namespace;
  }

  get target(): Target {
    if (this.#target === undefined) {
      throw new Error('there is no target on this machine');
    }
    return this.#target;
  }

  get kubectl(): Kubectl {
    return new Kubectl(this.target, this.namespace);
  }

  host(functionName: string): string {
    return `${functionName}.${this.namespace}.${this.target.domain}`;
  }

  request(functionName: string, call: Call = {}): Promise<Answer> {
    return send(this.target.endpoint, this.host(functionName), call);
  }

  /**
   * Waits until the function answers this: the activator hears of a change a moment before or after kubectl does.
   * @throws PatienceError with what it answers instead
   */
  async untilAnswers(name: string, text: string, options: PatienceOptions = {}): Promise<void> {
    await eventually(
      `${name} answers '${text}'`,
      async () => {
        const answer = await this.request(name);
        if (answer.status === 200 && answer.text === text) {
          return true;
        }
        throw new Error(`${answer.status}: ${answer.text}`);
      },
      options,
    );
  }

  /** The response as soon as its head is there. */
  open(functionName: string, call: Call = {}): Promise<IncomingMessage> {
    return open(this.target.endpoint, this.host(functionName), call);
  }

  function(name: string): Promise<FunctionObject> {
    return this.kubectl.json<FunctionObject>('get', `function/${name}`);
  }

  /** The function's Pods that are not on their way out. */
  async pods(functionName: string): Promise<Pod[]> {
    const list = await this.kubectl.json<{ items: Pod[] }>(
      'get',
      'pods',
      `--selector=${labels.function}=${functionName}`,
    );
    return list.items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  }

  /** By them one sees that Pods are the same as before. */
  async podUids(functionName: string): Promise<(string | undefined)[]> {
    return (await this.pods(functionName)).map(({ metadata }) => metadata.uid).sort();
  }

  /** Everything in the namespace that this kind lists. */
  async objects(kind: string): Promise<KubeObject[]> {
    return (await this.kubectl.json<{ items: KubeObject[] }>('get', kind)).items;
  }

  /** Waits until the Function's Ready speaks of its present spec and is True. */
  untilReady(name: string, options: PatienceOptions = {}): Promise<FunctionObject> {
    return eventually(
      `function ${name} is Ready`,
      async () => {
        const fn = await this.function(name);
        const seen = fn.status?.observedGeneration === fn.metadata.generation;
        if (seen && isTrue(fn.status?.conditions, 'Ready')) {
          return fn;
        }
        throw new Error(JSON.stringify(fn.status?.conditions ?? 'no conditions'));
      },
      options,
    );
  }

  /** Waits until the Function's Ready is False for this reason, and says this. */
  async untilReason(name: string, reason: string, says: string, options: PatienceOptions = {}): Promise<void> {
    await eventually(
      `function ${name} says ${reason}: ${says}`,
      async () => {
        const { status } = await this.function(name);
        const ready = findCondition(status?.conditions, 'Ready');
        if (ready?.status === 'False' && ready.reason === reason && ready.message.includes(says)) {
          return true;
        }
        throw new Error(JSON.stringify(ready));
      },
      options,
    );
  }

  untilPods(name: string, isWanted: (count: number) => boolean, options: PatienceOptions = {}): Promise<Pod[]> {
    return eventually(
      `the Pods of ${name} are as many as wanted`,
      async () => {
        const pods = await this.pods(name);
        if (isWanted(pods.length)) {
          return pods;
        }
        throw new Error(`there are ${pods.length}`);
      },
      options,
    );
  }

  /** Waits until nothing of the function runs. */
  async untilZero(name: string, options: PatienceOptions = {}): Promise<void> {
    await this.untilPods(name, (count) => count === 0, options);
  }
}
