import type { Component } from './components.ts';
import type { BundledPackage } from './packages.ts';

/** The part of CycloneDX 1.6 that is written here. */
export interface Sbom {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly version: 1;
  readonly metadata: { readonly component: SbomComponent };
  readonly components: readonly SbomComponent[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface SbomComponent {
  readonly type: 'container' | 'library' | 'platform';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly { readonly expression: string }[];
}

export interface SbomInput {
  readonly component: Pick<Component, 'name'>;
  readonly version: string;
  readonly packages: readonly BundledPackage[];
  /** Of the base image. */
  readonly nodeVersion: string;
}

/** What is in an image, without time or random numbers: the same image has the same SBOM. */
export function makeSbom({ component, version, packages, nodeVersion }: SbomInput): Sbom {
  const libraries = packages.map(makeLibrary);
  const node: SbomComponent = {
    type: 'platform',
    'bom-ref': `node@${nodeVersion}`,
    name: 'node',
    version: nodeVersion,
    purl: `pkg:generic/node@${nodeVersion}`,
  };
  const own: SbomComponent = {
    type: 'container',
    'bom-ref': `flint/${component.name}@${version}`,
    name: `flint/${component.name}`,
    version,
    licenses: [{ expression: 'Apache-2.0' }],
  };
  const parts = [node, ...libraries];
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: own },
    components: parts,
    dependencies: [{ ref: own['bom-ref'], dependsOn: parts.map((part) => part['bom-ref']) }],
  };
}

function makeLibrary({ name, version, license }: BundledPackage): SbomComponent {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { type: 'library', 'bom-ref': purl, name, version, purl, licenses: [{ expression: license }] };
}
