import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodTemplateSpec } from '../../../lib/kube/objects.ts';
import { mergePodTemplate } from './pod-template.ts';

const template: PodTemplateSpec = {
  metadata: { labels: { 'flint.dev/function': 'hello' } },
  spec: {
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 35,
    containers: [
      {
        name: 'function',
        image: 'nodejs:1',
        args: ['a', 'b'],
        env: [
          { name: 'PORT', value: '8080' },
          { name: 'A', value: '1' },
        ],
        ports: [{ name: 'http', containerPort: 8080 }],
        volumeMounts: [{ name: 'code', mountPath: '/flint/code', readOnly: true }],
      },
    ],
    volumes: [{ name: 'code', configMap: { name: 'hello-1' } }],
    tolerations: [{ key: 'a' }],
  },
};

const merged = (spec: object): NonNullable<PodTemplateSpec['spec']> | undefined =>
  mergePodTemplate(template, { spec }).spec;
const ofFunction = (fields: object): object => ({ containers: [{ name: 'function', ...fields }] });

describe('a podTemplate over the generated one', () => {
  const cases: readonly { name: string; override: Record<string, unknown>; want: object }[] = [
    {
      name: 'sets a field',
      override: { spec: { terminationGracePeriodSeconds: 5, hostname: 'one' } },
      want: { spec: { enableServiceLinks: false, terminationGracePeriodSeconds: 5, hostname: 'one' } },
    },
    {
      name: 'adds labels and annotations',
      override: { metadata: { labels: { team: 'shop' }, annotations: { a: 'b' } } },
      want: { metadata: { labels: { 'flint.dev/function': 'hello', team: 'shop' }, annotations: { a: 'b' } } },
    },
    {
      name: 'adds a container beside ours',
      override: { spec: { containers: [{ name: 'proxy', image: 'envoy' }] } },
      want: {
        spec: {
          containers: [
            { name: 'function', image: 'nodejs:1' },
            { name: 'proxy', image: 'envoy' },
          ],
        },
      },
    },
    {
      name: 'reaches into our container by its name',
      override: { spec: ofFunction({ workingDir: '/tmp' }) },
      want: { spec: { containers: [{ name: 'function', image: 'nodejs:1', workingDir: '/tmp' }] } },
    },
    {
      name: 'sets variables by name and appends new ones',
      override: {
        spec: ofFunction({
          env: [
            { name: 'A', value: '2' },
            { name: 'B', value: '3' },
          ],
        }),
      },
      want: {
        spec: {
          containers: [
            {
              env: [
                { name: 'PORT', value: '8080' },
                { name: 'A', value: '2' },
                { name: 'B', value: '3' },
              ],
            },
          ],
        },
      },
    },
    {
      name: 'finds mounts by their path and ports by their number',
      override: {
        spec: ofFunction({
          volumeMounts: [{ mountPath: '/flint/code', subPath: 'src' }],
          ports: [{ containerPort: 9000, name: 'debug' }],
        }),
      },
      want: {
        spec: {
          containers: [
            {
              volumeMounts: [{ name: 'code', mountPath: '/flint/code', readOnly: true, subPath: 'src' }],
              ports: [
                { name: 'http', containerPort: 8080 },
                { name: 'debug', containerPort: 9000 },
              ],
            },
          ],
        },
      },
    },
    {
      name: 'replaces lists whose items have no identity',
      override: { spec: { tolerations: [{ key: 'b' }], ...ofFunction({ args: ['c'] }) } },
      want: { spec: { tolerations: [{ key: 'b' }], containers: [{ args: ['c'] }] } },
    },
    {
      name: 'starts a list that was not there',
      override: { spec: { initContainers: [{ name: 'migrate', image: 'm' }] } },
      want: { spec: { initContainers: [{ name: 'migrate', image: 'm' }] } },
    },
    {
      name: 'replaces a list where it says so',
      override: { spec: { volumes: [{ $patch: 'replace' }, { name: 'data', emptyDir: {} }] } },
      want: { spec: { volumes: [{ name: 'data', emptyDir: {} }] } },
    },
    {
      name: 'replaces an object where it says so',
      override: { metadata: { labels: { $patch: 'replace', a: 'b' } } },
      want: { metadata: { labels: { a: 'b' } } },
    },
  ];
  it.each(cases)('$name', ({ override, want }) => {
    expect(mergePodTemplate(template, override)).toMatchObject(want);
  });

  it('removes a field with null', () => {
    expect(merged({ terminationGracePeriodSeconds: null, volumes: null })).toEqual({
      enableServiceLinks: false,
      containers: template.spec?.containers,
      tolerations: [{ key: 'a' }],
    });
  });

  it('removes an item where it says so, and none when there is none', () => {
    const env = [
      { name: 'A', $patch: 'delete' },
      { name: 'NONE', $patch: 'delete' },
    ];
    expect(merged(ofFunction({ env }))?.containers[0]?.env).toEqual([{ name: 'PORT', value: '8080' }]);
  });

  it('leaves no directive behind', () => {
    const override = { spec: { volumes: [{ name: 'new', $patch: 'merge', emptyDir: { $patch: 'replace' } }] } };
    expect(JSON.stringify(mergePodTemplate(template, override))).not.toContain('$patch');
  });

  it('leaves an item without its key for the API server to refuse', () => {
    expect(merged({ containers: [{ image: 'x' }] })?.containers).toHaveLength(2);
  });

  it('changes nothing when absent or empty, and never what it is laid over', () => {
    const copy = structuredClone(template);
    expect(mergePodTemplate(template, undefined)).toEqual(copy);
    expect(mergePodTemplate(template, {})).toEqual(copy);
    merged({ ...ofFunction({ env: [{ name: 'A', value: '9' }] }), volumes: null });
    expect(template).toEqual(copy);
  });

  it('of any form makes something, and the same when laid over twice', () => {
    const names = fc.constantFrom('spec', 'containers', 'env', 'volumes', 'name', 'function', 'x');
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, 1, 'function', true),
        fc.array(fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }), {
          maxLength: 1,
        }),
        fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.dictionary(names, values, { noNullPrototype: true }), (override) => {
        const once = mergePodTemplate(template, override);
        fc.pre(!JSON.stringify(override).includes('[{'));
        expect(mergePodTemplate(once, override)).toEqual(once);
      }),
    );
  });
});
