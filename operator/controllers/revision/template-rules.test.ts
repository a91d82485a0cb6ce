import { describe, expect, it } from 'vitest';
import type { PodTemplateSpec } from '../../../lib/kube/objects.ts';
import { mistakeIn } from './template-rules.ts';

const ours = { name: 'function' };
const templateOf = (spec: object): PodTemplateSpec => ({ spec: { containers: [ours], ...spec } });

const powers: readonly { name: string; spec: object; want: string }[] = [
  { name: 'the network of its node', spec: { hostNetwork: true }, want: 'hostNetwork' },
  { name: 'the processes and memory of its node', spec: { hostPID: true, hostIPC: true }, want: 'hostPID, hostIPC' },
  {
    name: 'a privileged container',
    spec: { containers: [ours, { name: 'a', securityContext: { privileged: true } }] },
    want: "securityContext.privileged of container 'a'",
  },
  {
    name: 'a privileged init container',
    spec: { initContainers: [{ name: 'b', securityContext: { privileged: true } }] },
    want: "securityContext.privileged of container 'b'",
  },
  {
    name: 'the files of its node',
    spec: { volumes: [{ name: 'c', hostPath: { path: '/' } }] },
    want: "hostPath of volume 'c'",
  },
];

describe('a Pod template with power over its node', () => {
  it.each(powers)('is refused: $name', ({ spec, want }) => {
    expect(mistakeIn(templateOf(spec), false)).toBe(`a function may not have power over its node: ${want}`);
  });

  it.each(powers)('is taken where the platform allows it: $name', ({ spec }) => {
    expect(mistakeIn(templateOf(spec), true)).toBeUndefined();
  });
});

it('a Pod template without any is taken', () => {
  const spec = { hostNetwork: false, volumes: [{ name: 'data', emptyDir: {} }], securityContext: { runAsUser: 1 } };
  expect(mistakeIn(templateOf(spec), false)).toBeUndefined();
});

describe('a Pod template without our container is refused', () => {
  const cases: readonly { name: string; template: unknown }[] = [
    { name: 'without a spec', template: {} },
    { name: 'whose spec is no object', template: { spec: 'x' } },
    { name: 'whose containers are no list', template: { spec: { containers: { function: {} } } } },
    { name: 'with other containers only', template: { spec: { containers: [{ name: 'a' }, null, 1] } } },
  ];
  it.each(cases)('$name', ({ template }) => {
    expect(mistakeIn(template as PodTemplateSpec, true)).toContain("no container 'function'");
  });
});
