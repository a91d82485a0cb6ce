import { describe, expect, it } from 'vitest';
import type { ConfigMap, Deployment, KubeObject, Service } from '../lib/kube/objects.ts';
import { configMapManifest as configMap, functionManifest, greeting } from './framework/manifest.ts';
import { eventually } from './framework/patience.ts';
import { tellStories } from './framework/story.ts';

/** What kubectl reads and changes, on whichever cluster the stories are told: only what both print is looked at. */

const story = tellStories();
const image = 'example.com/none:1';

function deployment(name: string): Promise<Deployment> {
  return story.kubectl.json<Deployment>('get', `deployment/${name}`);
}

story.prepare(async () => {
  await story.kubectl.apply(functionManifest('tool', greeting('hi'), { scaling: { idleTimeout: '5m' } }));
  await story.untilReady('tool');
  await story.kubectl.run('create', 'deployment', 'web', `--image=${image}`, '--replicas=0');
  await story.kubectl.run('rollout', 'status', 'deployment/web', '--timeout=90s');
});

describe('what there is', () => {
  it('version, cluster-info and api-versions answer', async () => {
    const { serverVersion } = await story.kubectl.json<{ serverVersion: { major: string } }>('version');
    expect(serverVersion.major).toBe('1');
    expect(await story.kubectl.run('cluster-info')).toMatch(/control plane.* is running at/u);
    expect((await story.kubectl.run('api-versions')).split('\n')).toEqual(
      expect.arrayContaining(['apps/v1', 'flint.dev/v1alpha1', 'v1']),
    );
  });

  it('api-resources lists the kinds, by group, scope and verb', async () => {
    const names = async (...flags: string[]): Promise<string[]> =>
      (await story.kubectl.run('api-resources', '--output=name', ...flags)).split('\n');
    expect(await names('--api-group=flint.dev')).toEqual(expect.arrayContaining(['functions.flint.dev']));
    expect(await names('--namespaced=false')).toContain('runtimes.flint.dev');
    expect(await names('--namespaced=false')).not.toContain('pods');
    expect(await names('--verbs=list,create')).toContain('deployments.apps');
    expect(await story.kubectl.run('api-resources', '--categories=all')).toMatch(
      /^deployments +deploy +apps\/v1 +true +Deployment$/mu,
    );
  });

  it.for([
    ['pod.spec.containers', /FIELD: containers <\[\]Container>[^]*\n {2}name\t<string> -required-\n/u],
    ['deployment.spec.strategy', /GROUP: +apps[^]*\n {2}rollingUpdate\t<RollingUpdateDeployment>\n/u],
    ['deployment.spec.strategy.rollingUpdate', /maxSurge\t<IntOrString>\n/u],
    ['configmap.data', /FIELD: data <map\[string\]string>/u],
    ['events', /KIND: +Event[^]*involvedObject\t<ObjectReference> -required-/u],
    ['function.spec.scaling', /GROUP: +flint\.dev[^]*\n {2}maxReplicas\t<integer>/u],
    ['fn.metadata.labels', /FIELD: labels <map\[string\]string>/u],
  ] as const)('explain %s tells of real fields', async ([path, fields]) => {
    expect(await story.kubectl.run('explain', path)).toMatch(fields);
  });

  it('explain refuses what is no field', async () => {
    expect(await story.kubectl.refusal(['explain', 'pod.spec.nope'])).toContain('field "nope" does not exist');
  });
});

describe('reading', () => {
  it('get prints by path, in columns of one’s own, in order, and with labels', async () => {
    await story.kubectl.apply(`${configMap('b', { n: '1' }, { team: 'x' })}---\n${configMap('a', { n: '2' })}`);
    const columns = '--output=custom-columns=NAME:.metadata.name,N:.data.n';
    const list = (...flags: string[]): Promise<string> =>
      story.kubectl.run('get', 'configmaps/a', 'configmaps/b', ...flags);
    expect(await list(columns, '--sort-by=.data.n')).toMatch(/^NAME +N\nb +1\na +2\n$/u);
    expect(await list('--output=jsonpath={.items[*].data.n}')).toBe('2 1');
    expect(await list('--output=go-template={{range .items}}{{.data.n}};{{end}}')).toBe('2;1;');
    expect(await list('--label-columns=team')).toMatch(/^NAME +DATA +AGE +TEAM\na +1 +\S+ +\nb +1 +\S+ +x\n$/u);
    expect(await story.kubectl.run('get', 'cm', '--selector=team in (x,y),other!=z', '--output=name')).toBe(
      'configmap/b\n',
    );
  });

  it('get prints the columns of each kind', async () => {
    const { kubectl } = story;
    await kubectl.run('create', 'role', 'reader', '--verb=get', '--resource=pods');
    await kubectl.run('create', 'rolebinding', 'reading', '--role=reader', '--serviceaccount=there:robot');
    await kubectl.run('create', 'poddisruptionbudget', 'most', '--selector=app=web', '--min-available=50%');
    const row = (object: string): Promise<string> => kubectl.run('get', object, '--output=wide');
    expect(await row('role/reader')).toMatch(/^NAME +CREATED AT\nreader +\d{4}-\d\d-\d\dT\S+Z\n$/u);
    expect(await row('rolebinding/reading')).toMatch(
      /^NAME +ROLE +AGE +USERS +GROUPS +SERVICEACCOUNTS\nreading +Role\/reader +\S+ +there\/robot\n$/u,
    );
    expect(await row('pdb/most')).toMatch(
      /^NAME +MIN AVAILABLE +MAX UNAVAILABLE +ALLOWED DISRUPTIONS +AGE\nmost +50% +N\/A +0 +\S+\n$/u,
    );
    expect(await row('deployment/web')).toMatch(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR\nweb /u,
    );
    expect(await row(`namespace/${story.namespace}`)).toMatch(/^NAME +STATUS +AGE\n\S+ +Active +\S+\n$/u);
  });

  it('get selects by the fields that a kind is selected by, and refuses others', async () => {
    const { kubectl } = story;
    const get = (kind: string, field: string): string[] => ['get', kind, `--field-selector=${field}`, '--output=name'];
    expect(await kubectl.run(...get('pods', 'status.phase=Running'))).toMatch(/^pod\/tool-\S+\n$/u);
    expect(await kubectl.run(...get('pods', 'status.phase!=Running,spec.nodeName!='))).toBe('');
    expect(await kubectl.run(...get('functions', 'metadata.name=tool'))).toBe('function.flint.dev/tool\n');
    expect(await kubectl.refusal(get('pods', 'spec.image=x'))).toContain('field label not supported: spec.image');
    expect(await kubectl.refusal(get('functions', 'spec.runtime=nodejs'))).toContain(
      'field label not supported: spec.runtime',
    );
    expect(await kubectl.refusal(get('deployments', 'spec.replicas=0'))).toContain(
      '"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });

  it('describe tells of a Function, a Deployment and their events', async () => {
    const [pod] = await story.pods('tool');
    const described = async (subject: string, text: RegExp): Promise<void> => {
      await eventually(`describe ${subject}`, async () => {
        expect(await story.kubectl.run('describe', subject)).toMatch(text);
        return true;
      });
    };
    await described('function/tool', /Type: +Ready[^]*Events:[^]*Normal +RevisionReady/u);
    await described(`pod/${pod?.metadata.name ?? ''}`, /Status: +Running[^]*Events:[^]*Normal +Started/u);
    await described('deployment/web', /Replicas: +0 desired[^]*Available +True +MinimumReplicasAvailable/u);
    await described(`namespace/${story.namespace}`, /Status: +Active/u);
  });

  it('events are told of one object, and by type', async () => {
    const told = await eventually('the events of the function', async () => {
      const text = await story.kubectl.run('events', '--for=function/tool', '--types=Normal');
      return text.includes('RevisionReady') ? text : undefined;
    });
    expect(told).toMatch(/^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n/u);
    expect(told).not.toContain('Pod/');
  });

  it('wait waits for a condition, a value, a creation and a deletion', async () => {
    const { kubectl } = story;
    const wait = (what: string, object: string): Promise<string> =>
      kubectl.run('wait', `--for=${what}`, object, '--timeout=90s');
    expect(await wait('condition=Ready', 'function/tool')).toBe('function.flint.dev/tool condition met\n');
    expect(await wait('jsonpath={.spec.runtime}=nodejs', 'function/tool')).toContain('condition met');
    const created = wait('create', 'configmap/late');
    await kubectl.run('create', 'configmap', 'late');
    expect(await created).toBe('configmap/late condition met\n');
    const gone = wait('delete', 'configmap/late');
    await kubectl.run('delete', 'configmap/late');
    await gone;
    expect(await kubectl.refusal(['wait', '--for=condition=Never', 'function/tool', '--timeout=1s'])).toContain(
      'timed out waiting for the condition',
    );
  });
});

describe('changing', () => {
  it('label and annotate set, keep and remove', async () => {
    const { kubectl } = story;
    expect(await kubectl.run('label', 'function/tool', 'tier=a')).toBe('function.flint.dev/tool labeled\n');
    expect(await kubectl.refusal(['label', 'function/tool', 'tier=b'])).toContain(
      `'tier' already has a value (a), and --overwrite is false`,
    );
    await kubectl.run('label', 'function/tool', 'tier=b', '--overwrite');
    expect(await kubectl.run('annotate', 'function/tool', 'note=x')).toBe('function.flint.dev/tool annotated\n');
    expect((await story.function('tool')).metadata).toMatchObject({
      labels: { tier: 'b' },
      annotations: { note: 'x' },
    });
    expect(await kubectl.run('label', 'function/tool', 'tier-')).toBe('function.flint.dev/tool unlabeled\n');
    await kubectl.run('annotate', 'function/tool', 'note-');
    expect((await story.function('tool')).metadata).not.toHaveProperty('labels.tier');
  });

  it('patch changes as each kind of patch says, and a custom kind has no strategic one', async () => {
    const { kubectl } = story;
    const patch = (type: string, body: unknown): string[] => [
      'patch',
      'deployment/web',
      `--type=${type}`,
      `--patch=${JSON.stringify(body)}`,
    ];
    await kubectl.run(...patch('json', [{ op: 'add', path: '/metadata/annotations/one', value: '1' }]));
    await kubectl.run(...patch('merge', { metadata: { annotations: { one: null, two: '2' } } }));
    const containers = [{ name: 'none', env: [{ name: 'A', value: '1' }] }];
    await kubectl.run(...patch('strategic', { spec: { template: { spec: { containers } } } }));
    const { metadata, spec } = await deployment('web');
    expect(metadata.annotations).toMatchObject({ two: '2' });
    expect(metadata.annotations).not.toHaveProperty('one');
    expect(spec.template.spec?.containers).toMatchObject([{ image, env: [{ name: 'A', value: '1' }] }]);
    expect(await kubectl.refusal(patch('json', [{ op: 'test', path: '/kind', value: 'Other' }]))).toContain(
      'the server rejected our request due to an error in our request',
    );
    expect(await kubectl.refusal(['patch', 'function/tool', '--type=strategic', '--patch={"spec":{}}'])).toContain(
      'strategic-merge-patch+json is not supported by flint.dev/v1alpha1, Kind=Function',
    );
  });

  it('set changes image, environment and resources of the template', async () => {
    const { kubectl } = story;
    expect(await kubectl.run('set', 'image', 'deployment/web', 'none=example.com/none:2')).toBe(
      'deployment.apps/web image updated\n',
    );
    expect(await kubectl.run('set', 'env', 'deployment/web', 'B=2', 'A-')).toBe('deployment.apps/web env updated\n');
    await kubectl.run('set', 'resources', 'deployment/web', '--limits=cpu=100m');
    expect((await deployment('web')).spec.template.spec?.containers).toMatchObject([
      { image: 'example.com/none:2', env: [{ name: 'B', value: '2' }], resources: { limits: { cpu: '100m' } } },
    ]);
    expect(await kubectl.refusal(['set', 'image', 'deployment/web', 'other=x'])).toContain(
      'unable to find container named "other"',
    );
  });

  it('scale sets replicas, from the number that was seen', async () => {
    const { kubectl } = story;
    expect(await kubectl.refusal(['scale', 'deployment/web', '--replicas=2', '--current-replicas=5'])).toContain(
      'Expected replicas to be 5, was 0',
    );
    expect(await kubectl.run('scale', 'deployment/web', '--replicas=1', '--current-replicas=0')).toBe(
      'deployment.apps/web scaled\n',
    );
    expect((await deployment('web')).spec.replicas).toBe(1);
    await kubectl.run('scale', 'deployment/web', '--replicas=0');
    await kubectl.run('rollout', 'status', 'deployment/web', '--timeout=90s');
  });

  it('rollout restarts, pauses, resumes, goes back, and tells how far it is', async () => {
    const { kubectl } = story;
    const rollout = (...args: string[]): string[] => ['rollout', ...args];
    await kubectl.run('create', 'deployment', 'rolled', `--image=${image}`, '--replicas=0');
    const done = async (): Promise<string> => kubectl.run(...rollout('status', 'deployment/rolled', '--timeout=90s'));
    expect(await done()).toContain('deployment "rolled" successfully rolled out');
    await kubectl.run('set', 'image', 'deployment/rolled', 'none=example.com/none:2');
    await done();
    expect(await kubectl.run(...rollout('history', 'deployment/rolled'))).toMatch(
      /^deployment\.apps\/rolled ?\nREVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>\n/u,
    );
    expect(await kubectl.run(...rollout('undo', 'deployment/rolled'))).toBe('deployment.apps/rolled rolled back\n');
    await done();
    expect((await deployment('rolled')).spec.template.spec?.containers).toMatchObject([{ image }]);
    expect(await kubectl.run(...rollout('history', 'deployment/rolled', '--revision=3'))).toContain(image);
    expect(await kubectl.run(...rollout('pause', 'deployment/rolled'))).toBe('deployment.apps/rolled paused\n');
    expect(await kubectl.refusal(rollout('restart', 'deployment/rolled'))).toContain("can't restart paused deployment");
    expect(await kubectl.run(...rollout('resume', 'deployment/rolled'))).toBe('deployment.apps/rolled resumed\n');
    expect(await kubectl.run(...rollout('restart', 'deployment/rolled'))).toBe('deployment.apps/rolled restarted\n');
    await done();
    expect((await deployment('rolled')).spec.template.metadata?.annotations).toHaveProperty([
      'kubectl.kubernetes.io/restartedAt',
    ]);
  });

  it('replace puts one object in the place of another, and refuses where there is none', async () => {
    const { kubectl } = story;
    const replace = ['replace', '--filename=-'];
    const manifest = configMap('replaced', { a: '2' });
    expect(await kubectl.refusal(replace, manifest)).toContain('configmaps "replaced" not found');
    await kubectl.run('create', 'configmap', 'replaced', '--from-literal=b=1');
    const before = await kubectl.json<ConfigMap>('get', 'configmap/replaced');
    expect((await kubectl.execute(replace, manifest)).stdout).toBe('configmap/replaced replaced\n');
    expect((await kubectl.json<ConfigMap>('get', 'configmap/replaced')).data).toEqual({ a: '2' });
    await kubectl.execute([...replace, '--force'], manifest);
    expect((await kubectl.json<KubeObject>('get', 'configmap/replaced')).metadata.uid).not.toBe(before.metadata.uid);
  });

  it('run makes a Pod, expose a Service for what runs', async () => {
    const { kubectl } = story;
    expect(await kubectl.run('run', 'once', `--image=${image}`, '--dry-run=server')).toContain('pod/once created');
    expect(await kubectl.run('get', 'pods', '--selector=run=once', '--output=name')).toBe('');
    expect(await kubectl.run('expose', 'deployment/web', '--port=80', '--name=front')).toBe('service/front exposed\n');
    expect((await kubectl.json<Service>('get', 'service/front')).spec).toMatchObject({
      selector: { app: 'web' },
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
    });
  });
});
