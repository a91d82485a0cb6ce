import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, onTestFailed, beforeEach } from 'vitest';
import { currentTarget, unavailable } from './current-target.ts';
import { Steps } from './steps.ts';

/** The steps of one file of tests. */
export class Story extends Steps {
  /** Before the steps of a file, where there is a target. */
  prepare(body: () => Promise<unknown>): void {
    if (currentTarget !== undefined) {
      beforeAll(async () => {
        await body();
      });
    }
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
