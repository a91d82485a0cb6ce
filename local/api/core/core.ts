import { randomUUID } from 'node:crypto';
import type { Clock, Random } from '../../../lib/clock.ts';
import type { KubeObject, Pod } from '../../../lib/kube/objects.ts';
import { makeKey } from '../../../lib/kube/store.ts';
import { rfc3339 } from '../../../lib/kube/time.ts';
import { deepEqual } from '../fields/structure.ts';
import { afterUpdate, type Writer } from '../fields/managers.ts';
import { apiVersionOfKind, type Kind } from '../kinds/kind.ts';
import { type CustomResourceDefinition, makeEstablishedStatus } from '../kinds/custom.ts';
import { Registry } from '../kinds/registry.ts';
import { applyIntent } from '../patch/apply.ts';
import { RuleSet } from '../schema/rules.ts';
import { alreadyExists, checkPresent, conflict, nameOf, notFound, refuse } from '../status.ts';
import { Storage, type StorageOptions } from '../storage/storage.ts';
import { type Admitted, type FieldValidation, normalise, normaliseIntent, validate } from './admit.ts';
import { beginDeletion, checkRemovable, type DeleteContext, isReleased } from './deletion.ts';
import { confine, type Door } from './generation.ts';
import { checkIdentity, checkPreconditions } from './preconditions.ts';
import { checkQuotas, type ResourceQuota } from './quota.ts';

export interface CoreOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Sees every Pod before it is stored for the first time: the node gives it its ports. */
  readonly podAdmission?: (pod: Pod) => Pod;
  readonly storage?: StorageOptions;
}

/** Which object a request is about. */
export interface Subject {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly name: string;
}

export interface WriteContext {
  readonly manager: string;
  /** Recorded with the ownership where it is not the door: `scale`, `resize`. */
  readonly subresource?: string;
  readonly dryRun: boolean;
  readonly validation: FieldValidation;
  /** The body of the request where it is a patch. */
  readonly patch?: string;
}

const crdPlural = 'customresourcedefinitions';

/** What the API does, whatever door the request came through: checks, versions, ownership, storage. */
export class ApiCore {
  readonly registry = new Registry();
  readonly storage: Storage;
  readonly #options: CoreOptions;
  readonly #rules = new RuleSet();

  constructor(options: CoreOptions) {
    this.#options = options;
    this.storage = new Storage(options.storage);
    const definitions = this.registry.find('apiextensions.k8s.io', 'v1', crdPlural);
    for (const [, definition] of this.storage.list(definitions)) {
      this.registry.define(definition as CustomResourceDefinition);
    }
  }

  /** @throws StatusError NotFound */
  get(subject: Subject): KubeObject {
    const found = this.storage.get(subject.kind, keyOfSubject(subject));
    if (found === undefined) {
      throw notFound(subject.kind, subject.name);
    }
    return found;
  }

  find(subject: Subject): KubeObject | undefined {
    return this.storage.get(subject.kind, keyOfSubject(subject));
  }

  create(kind: Kind, object: KubeObject, context: WriteContext): Admitted {
    checkPresent(kind);
    const named = this.#named(object);
    const subject = subjectOf(kind, named);
    this.#checkNamespace(subject);
    if (this.find(subject) !== undefined) {
      throw alreadyExists(kind, subject.name);
    }
    const { status: _, ...withoutStatus } = named as KubeObject & { status?: unknown };
    const admitted = normalise(kind, kind.hasStatus ? withoutStatus : named, context);
    const born = this.#admit(kind, this.#birth(kind, admitted.object));
    const owned = this.#owned({ before: undefined, after: born }, kind, {
      manager: context.manager,
      operation: 'Update',
    });
    return { object: this.#store(kind, owned, context.dryRun), warnings: admitted.warnings };
  }

  /**
   * Replaces an object, or its status, by what `change` makes of it.
   * @throws StatusError NotFound, Conflict when the new object carries another version or uid, Invalid
   */
  update(subject: Subject, door: Door, context: WriteContext, change: (live: KubeObject) => KubeObject): Admitted {
    const live = this.get(subject);
    const changed = change(live);
    checkPreconditions(subject.kind, live, changed.metadata);
    checkIdentity(subject.kind, subject.name, changed);
    const admitted = normalise(subject.kind, changed, context);
    const confined = confine(subject.kind, live, admitted.object, door);
    const writer = {
      manager: context.manager,
      operation: 'Update' as const,
      ...(context.subresource === undefined ? subresourceOf(door) : { subresource: context.subresource }),
    };
    return { object: this.#replace(subject, live, { after: confined, writer, context }), warnings: admitted.warnings };
  }

  /** Server-side apply: creates what does not exist, except through the status door. */
  apply(
    subject: Subject,
    intent: KubeObject,
    options: { readonly door: Door; readonly force: boolean; readonly context: WriteContext },
  ): Admitted & { readonly created: boolean } {
    const { door, force, context } = options;
    const { kind } = subject;
    checkPresent(kind);
    const live = this.find(subject);
    if (live === undefined && (door === 'status' || intent.metadata.uid !== undefined)) {
      throw intent.metadata.uid === undefined || door === 'status'
        ? notFound(kind, subject.name)
        : conflict(
            kind,
            subject.name,
            `uid mismatch: the provided object specified uid ${intent.metadata.uid}, and no existing object was found`,
          );
    }
    if (live !== undefined) {
      checkPreconditions(kind, live, intent.metadata);
    } else {
      this.#checkNamespace(subject);
    }
    const pruned = normaliseIntent(kind, intent);
    const writer = {
      ...this.#stamp(kind),
      manager: context.manager,
      operation: 'Apply' as const,
      ...subresourceOf(door),
    };
    const merged = applyIntent({ intent: pruned, live, structure: kind.structure, writer, force });
    const { managedFields } = merged.metadata;
    const full = normalise(kind, merged, { validation: 'Ignore' }).object;
    if (live === undefined) {
      const born = this.#admit(kind, this.#birth(kind, full));
      const owned = {
        ...born,
        metadata: { ...born.metadata, ...(managedFields === undefined ? {} : { managedFields }) },
      };
      return { object: this.#store(kind, owned, context.dryRun), warnings: [], created: true };
    }
    const confined = confine(kind, live, full, door);
    validate(kind, confined, live, this.#rules);
    return {
      object: this.#storeChanged(subject, live, confined, context.dryRun),
      warnings: [],
      created: false,
    };
  }

  /**
   * Takes an object away, or marks it as going while finalizers or a running Pod hold it.
   * @returns what is left, or was there last.
   */
  remove(subject: Subject, context: DeleteContext): KubeObject {
    const { kind } = subject;
    const live = this.get(subject);
    checkPreconditions(kind, live, context);
    checkRemovable(kind, live);
    if (context.dryRun) {
      return live;
    }
    const going = beginDeletion(kind, live, { ...context, now: this.#options.clock.now() });
    if (going === undefined) {
      return this.#removeNow(subject, live);
    }
    return going === live ? live : this.storage.put(kind, keyOfSubject(subject), going);
  }

  /** RFC 3339, whole seconds, as Kubernetes writes moments. */
  now(): string {
    return rfc3339(this.#options.clock.now());
  }

  #replace(
    subject: Subject,
    live: KubeObject,
    write: { after: KubeObject; writer: Writer; context: WriteContext },
  ): KubeObject {
    validate(subject.kind, write.after, live, this.#rules);
    const owned = this.#owned({ before: live, after: write.after }, subject.kind, write.writer);
    return this.#storeChanged(subject, live, owned, write.context.dryRun);
  }

  /** A write that changes nothing leaves the version as it is, and wakes nobody. */
  #storeChanged(subject: Subject, live: KubeObject, next: KubeObject, dryRun: boolean): KubeObject {
    if (deepEqual(withoutTimes(live), withoutTimes(next))) {
      return live;
    }
    if (isReleased(subject.kind, next)) {
      return dryRun ? next : this.#removeNow(subject, next);
    }
    return this.#store(subject.kind, next, dryRun);
  }

  #store(kind: Kind, object: KubeObject, dryRun: boolean): KubeObject {
    if (dryRun) {
      return object;
    }
    if (kind.plural === crdPlural) {
      const crd = object as CustomResourceDefinition;
      this.registry.define(crd);
      const established = { ...crd, status: makeEstablishedStatus(crd, this.now()) };
      return this.storage.put(kind, makeKey(undefined, object.metadata.name), established);
    }
    return this.storage.put(kind, makeKey(object.metadata.namespace, object.metadata.name), object);
  }

  #removeNow(subject: Subject, live: KubeObject): KubeObject {
    if (subject.kind.plural === crdPlural) {
      const kinds = this.registry.all().filter((kind) => `${kind.plural}.${kind.group}` === subject.name);
      kinds.forEach((kind) => {
        [...this.storage.list(kind)].forEach(([key]) => this.storage.remove(kind, key));
      });
      this.registry.undefine(subject.name);
    }
    return this.storage.remove(subject.kind, keyOfSubject(subject)) ?? live;
  }

  #named(object: KubeObject): KubeObject {
    const { generateName } = object.metadata;
    if ((object.metadata.name as string | undefined) !== undefined || generateName === undefined) {
      return object;
    }
    return { ...object, metadata: { ...object.metadata, name: generateName + suffix(this.#options.random) } };
  }

  #birth(kind: Kind, object: KubeObject): KubeObject {
    const {
      deletionTimestamp: _,
      deletionGracePeriodSeconds: _grace,
      generation: _generation,
      ...own
    } = object.metadata;
    return {
      ...object,
      apiVersion: apiVersionOfKind(kind),
      kind: kind.kind,
      metadata: {
        ...own,
        uid: randomUUID(),
        creationTimestamp: this.now(),
        ...('spec' in object && kind.hasGeneration ? { generation: 1 } : {}),
      },
    };
  }

  /** What comes to be: judged first, since a Pod that its node admits has its ports. */
  #admit(kind: Kind, born: KubeObject): KubeObject {
    validate(kind, born, undefined, this.#rules);
    if (kind.kind !== 'Pod') {
      return born;
    }
    const inNamespace = <T extends KubeObject>(of: Kind): T[] =>
      [...this.storage.list(of)].map(([, found]) => found as T).filter(sharesNamespace(born));
    const quotas = inNamespace<ResourceQuota>(this.registry.find('', 'v1', 'resourcequotas'));
    const pod = born as Pod;
    checkQuotas({ kind, pod, others: quotas.length === 0 ? [] : inNamespace<Pod>(kind) }, quotas);
    return this.#options.podAdmission?.(pod) ?? pod;
  }

  #owned(change: { before: KubeObject | undefined; after: KubeObject }, kind: Kind, writer: Writer): KubeObject {
    const managedFields = afterUpdate(change, kind.structure, { ...writer, ...this.#stamp(kind) });
    return { ...change.after, metadata: { ...change.after.metadata, managedFields } };
  }

  #stamp(kind: Kind): { readonly apiVersion: string; readonly time: string } {
    return { apiVersion: apiVersionOfKind(kind), time: this.now() };
  }

  #checkNamespace(subject: Subject): void {
    if (!subject.kind.namespaced) {
      return;
    }
    const namespaces = this.registry.find('', 'v1', 'namespaces');
    const found = this.storage.get(namespaces, subject.namespace ?? '');
    if (found === undefined) {
      throw notFound(namespaces, subject.namespace ?? '');
    }
    if (found.metadata.deletionTimestamp !== undefined) {
      const { name } = found.metadata;
      throw refuse(
        'Forbidden',
        `${nameOf(subject.kind, subject.name)} is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
        {
          causes: [
            {
              reason: 'NamespaceTerminating',
              message: `namespace ${name} is being terminated`,
              field: 'metadata.namespace',
            },
          ],
        },
      );
    }
  }
}

function sharesNamespace({ metadata }: KubeObject): (other: KubeObject) => boolean {
  return (other) => other.metadata.namespace === metadata.namespace;
}

function keyOfSubject({ kind, namespace, name }: Subject): string {
  return makeKey(kind.namespaced ? namespace : undefined, name);
}

function subjectOf(kind: Kind, object: KubeObject): Subject {
  const { namespace, name } = object.metadata;
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

function subresourceOf(door: Door): { readonly subresource?: string } {
  return door === 'main' ? {} : { subresource: door };
}

/** Ownership times change with every write; alone they are no change. */
function withoutTimes(object: KubeObject): KubeObject {
  const managedFields = object.metadata.managedFields?.map((entry) => ({ ...(entry as object), time: '' }));
  return {
    ...object,
    metadata: { ...object.metadata, resourceVersion: '', ...(managedFields === undefined ? {} : { managedFields }) },
  };
}

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

function suffix(random: Random): string {
  return Array.from({ length: 5 }, () => suffixAlphabet[Math.floor(random() * suffixAlphabet.length)]).join('');
}
