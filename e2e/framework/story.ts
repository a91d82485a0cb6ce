import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, onTestFailed, beforeEach } from 'vitest';
import type { FunctionObject } from '../../lib/api/function.ts';
import { findCondition, isTrue } from '../../lib/api/conditions.ts';
import { labels } from '../../lib/api/names.ts';
import type { KubeObject, Pod } from '../../lib/kube/objects.ts';
import { currentTarget, unavailable } from './current-target.ts';
import { open, send, type Answer, type Call } from './http.ts';
import { Kubectl } from './kubectl.ts';
import { eventually, type PatienceOptions } from './patience.ts';
import type { Target } from './target.ts';

/** What a story's steps are told with: a namespace of its own on the target, kubectl in it, and requests to its functions. */
export class Story {
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

  /** Before the steps of a file, where there is a target. */
  prepare(body: () => Promise<unknown>): void {
    if (this.#target !== undefined) {
      beforeAll(async () => {
        await body();
      });
    }
  }

  host(functionName: string): string {
    return `${functionName}.${this.namespace}.${this.target.domain}`;
  }

  request(functionName: string, call: Call = {}): Promise<Answer> {
    return send(this.target.endpoint, this.host(functionName), call);
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

/** Gives the stories of one file a namespace and removes it afterwards; a failing test prints what the cluster looks like. */
export function tellStories(): Story {
  const story = new Story(currentTarget, `story-${randomBytes(4).toString('hex')}`);
  if (currentTarget === undefined) {
    skipAll(unavailable);
    return story;
  }
  beforeAll(async () => {
    await story.kubectl.apply(`apiVersion: v1\nkind: Namespace\nmetadata: {name: ${story.namespace}}\n`);
  });
  beforeEach(() => {
    onTestFailed(async () => {
      process.stderr.write(await describeNamespace(story));
    });
  });
  afterAll(async () => {
    await story.kubectl.run('delete', 'namespace', story.namespace, '--wait=false');
  });
  return story;
}

/** Skipped, never passed. */
export function skipAll(reason = 'there is no target'): void {
  beforeEach(({ skip }) => {
    skip(reason);
  });
}

async function describeNamespace(story: Story): Promise<string> {
  const commands = [
    ['get', 'functions,revisions,deployments,pods', '--output=wide'],
    ['get', 'functions', '--output=yaml'],
    ['get', 'events'],
  ];
  const outputs = await Promise.allSettled(commands.map((args) => story.kubectl.run(...args)));
  return outputs
    .map((output, index) => {
      const title = `--- kubectl ${(commands[index] ?? []).join(' ')}\n`;
      return title + (output.status === 'fulfilled' ? output.value : String(output.reason));
    })
    .join('\n');
}
