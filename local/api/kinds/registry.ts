import type { KubeObject } from '../../../lib/kube/objects.ts';
import { refuse } from '../status.ts';
import { makeBuiltInKinds } from './builtin.ts';
import { type CustomResourceDefinition, makeCustomKinds } from './custom.ts';
import type { Kind } from './kind.ts';

/** Which kinds exist at the moment: the built-in ones and those of the CRDs. */
export class Registry {
  readonly #builtIn = makeBuiltInKinds();
  /** CRD name → its kinds */
  readonly #custom = new Map<string, readonly Kind[]>();
  #all: readonly Kind[] = this.#builtIn;
  /** `group/version/plural` → kind */
  #byPath = byPath(this.#all);

  /** The same list as long as no kind comes or goes. */
  all(): readonly Kind[] {
    return this.#all;
  }

  lookUp(group: string, version: string, plural: string): Kind | undefined {
    return this.#byPath.get(pathOf({ group, version, plural }));
  }

  /** @throws StatusError NotFound, as a server answers for a path that it does not know. */
  find(group: string, version: string, plural: string): Kind {
    const kind = this.lookUp(group, version, plural);
    if (kind === undefined) {
      throw refuse('NotFound', 'the server could not find the requested resource');
    }
    return kind;
  }

  /** The kind that an object names. @throws StatusError NotFound */
  kindOf(object: KubeObject): Kind {
    const slash = object.apiVersion.indexOf('/');
    const group = slash < 0 ? '' : object.apiVersion.slice(0, slash);
    const version = object.apiVersion.slice(slash + 1);
    const found = this.all().find(
      (candidate) => candidate.group === group && candidate.version === version && candidate.kind === object.kind,
    );
    if (found === undefined) {
      throw refuse('NotFound', `no matches for kind "${object.kind}" in version "${object.apiVersion}"`);
    }
    return found;
  }

  define(crd: CustomResourceDefinition): void {
    this.#custom.set(crd.metadata.name, makeCustomKinds(crd));
    this.#index();
  }

  undefine(crdName: string): void {
    this.#custom.delete(crdName);
    this.#index();
  }

  #index(): void {
    this.#all = [...this.#builtIn, ...[...this.#custom.values()].flat()];
    this.#byPath = byPath(this.#all);
  }
}

function byPath(kinds: readonly Kind[]): ReadonlyMap<string, Kind> {
  return new Map(kinds.map((kind) => [pathOf(kind), kind]));
}

function pathOf({ group, version, plural }: Pick<Kind, 'group' | 'version' | 'plural'>): string {
  return `${group}/${version}/${plural}`;
}
