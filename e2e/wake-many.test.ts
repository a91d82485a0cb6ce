import { expect } from 'vitest';
import { localIt } from './framework/current-target.ts';
import { functionManifest, greeting } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

const story = tellStories();
const count = 200;

/** As many processes as this many Pods: more than a bed of two cores has room for. */
localIt(
  'two hundred functions wake at once, and every request is answered by its own',
  { timeout: 600_000 },
  async () => {
    const names = Array.from({ length: count }, (_, index) => `many-${index}`);
    // A slow machine takes its time to start so many processes: none of the first goes, no request gives up meanwhile.
    const scaling = { initialReplicas: 0, idleTimeout: '20m' };
    const queue = { maxWait: '10m' };
    const resources = { requests: { cpu: '1m', memory: '1Mi' } };
    await story.kubectl.apply(
      names.map((name) => functionManifest(name, greeting(name), { scaling, queue, resources })).join('---\n'),
    );
    await eventually(
      'all are Ready',
      async () => {
        const ready = await story.kubectl.run(
          'get',
          'functions',
          '--output=jsonpath={range .items[*]}{.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}',
        );
        return ready.split('\n').filter((status) => status === 'True').length === count ? true : undefined;
      },
      { withinMs: 240_000, everyMs: 500 },
    );
    const answers = await Promise.all(names.map((name) => story.request(name)));
    const wrong = answers.flatMap(({ status, text }, index) => (text === names[index] ? [] : [`${status} ${text}`]));
    expect(wrong).toEqual([]);
    expect(await story.objects('pods')).toHaveLength(count);
  },
);
