import { dump } from 'js-yaml';
import { describe, expect } from 'vitest';
import { localIt } from './framework/current-target.ts';
import { functionManifest, greeting } from './framework/manifest.ts';
import { tellStories } from './framework/story.ts';

/** What the embedded cluster does not do, it refuses by name, with what to use instead: a success would be a wrong one. */

const story = tellStories();
let pod = '';

story.prepare(async () => {
  await story.kubectl.apply(functionManifest('tool', greeting('hi'), { scaling: { minReplicas: 1 } }));
  await story.untilReady('tool');
  pod = (await story.pods('tool'))[0]?.metadata.name ?? '';
  await story.kubectl.run('create', 'deployment', 'web', '--image=example.com/none:1', '--replicas=0');
});

describe('what needs the inside of a container', () => {
  const refused: [string, (name: string) => string[], RegExp][] = [
    ['exec', (name) => ['exec', name, '--', 'ls'], /does not support POST of exec; .* kubectl logs/u],
    ['attach', (name) => ['attach', name], /does not support POST of attach; use kubectl logs --follow/u],
    ['cp', (name) => ['cp', `${name}:/etc/hosts`, '/dev/null'], /does not support POST of exec; .* kubectl logs/u],
    [
      'port-forward',
      (name) => ['port-forward', name, ':8080'],
      /does not support POST of portforward; .*127\.0\.0\.1/u,
    ],
    [
      'debug',
      (name) => ['debug', name, '--image=example.com/none:1'],
      /does not support PATCH of ephemeralcontainers; no container can be added/u,
    ],
  ];
  localIt.for(refused)('kubectl %s is refused, with what to use instead', async ([, argsFor, words]) => {
    expect(await story.kubectl.refusal(argsFor(pod))).toMatch(words);
  });

  localIt('a proxied path is refused, with what to use instead', async () => {
    const path = `/api/v1/namespaces/${story.namespace}/pods/${pod}/proxy/`;
    expect(await story.kubectl.refusal(['get', `--raw=${path}`])).toMatch(
      /does not support GET of proxy; call the function by its URL/u,
    );
  });
});

describe('what nothing here measures, scales or signs', () => {
  localIt.for([
    ['top pods', /no PodMetrics \(pods\.metrics\.k8s\.io\): look at the processes of this machine/u],
    ['top nodes', /no NodeMetrics \(nodes\.metrics\.k8s\.io\): look at the processes of this machine/u],
    ['autoscale deployment/web --max=3 --cpu=50%', /no HorizontalPodAutoscaler .*spec\.scaling of the Function/u],
    // Here kubectl keeps the server's words to itself.
    ['autoscale deployment/web --max=3', /failed to create autoscaling\/v2 HPA/u],
    ['auth can-i list pods --as=somebody', /does not impersonate users: it has no RBAC.*ask a real cluster/u],
    ['create token default', /does not support POST of token; .*kubeconfig/u],
  ] as const)('kubectl %s is refused', async ([args, words]) => {
    expect(await story.kubectl.refusal(args.split(' '))).toMatch(words);
  });
});

localIt.for([['apply'], ['apply', '--server-side'], ['create']])(
  'kubectl %s of a kind with a typo says which kind there is not',
  async (args) => {
    const manifest = functionManifest('typo', '').replace('kind: Function', 'kind: Functions');
    const said = await story.kubectl.refusal([...args, '--filename=-'], manifest);
    expect(said).toContain('no matches for kind "Functions" in version "flint.dev/v1alpha1"');
  },
);

describe('a kind that does not run here', () => {
  localIt.for([
    ['create job once --image=example.com/none:1', /no Job \(jobs\.batch\): write a Function and call it/u],
    ['create cronjob often --image=example.com/none:1 --schedule=@daily', /no CronJob .*write a Function and call it/u],
    ['create ingress way --rule=example.com/*=web:80', /no Ingress .*call the function by its URL/u],
    ['create priorityclass high --value=1', /no PriorityClass .*priorityClassName/u],
  ] as const)('kubectl %s is refused', async ([args, words]) => {
    expect(await story.kubectl.refusal(args.split(' '))).toMatch(words);
  });

  const manifest = dump({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db' }, spec: {} });

  localIt.for([['apply'], ['apply', '--server-side'], ['create'], ['create', '--dry-run=server']])(
    'kubectl %s of one from a file is refused',
    async (args) => {
      const said = await story.kubectl.refusal([...args, '--filename=-'], manifest);
      expect(said).toContain('no StatefulSet (statefulsets.apps): write a Function, or a Deployment');
    },
  );

  localIt('there is none of it to read, replace or delete', async () => {
    expect((await story.kubectl.execute(['get', 'statefulsets,jobs,pvc'])).stderr).toContain('No resources found');
    expect(await story.kubectl.refusal(['get', 'job/once'])).toContain('jobs.batch "once" not found');
    expect(await story.kubectl.refusal(['replace', '--filename=-'], manifest)).toContain('"db" not found');
    expect(await story.kubectl.refusal(['delete', 'ingress/way'])).toContain('"way" not found');
  });

  localIt('one that is rare is unknown', async () => {
    expect(await story.kubectl.refusal(['get', 'flowschemas'])).toContain('have a resource type "flowschemas"');
  });
});
