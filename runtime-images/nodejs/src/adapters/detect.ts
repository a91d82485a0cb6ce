import type { Config, Signature } from '../config.ts';
import { pickExport } from '../loader/exports.ts';
import type { LoadedModule, PickedExport } from '../loader/exports.ts';
import type { Fingerprint } from '../loader/fingerprint.ts';
import type { Choice } from './adapter.ts';
import { frameworkPackage } from './google/registrations.ts';
import type { Registrations } from './google/registrations.ts';
import { pickTarget } from './google/target.ts';
import { rules } from './rules.ts';

export interface Candidate {
  readonly module: LoadedModule;
  readonly fingerprint: Fingerprint | undefined;
  /** What the module registered while it was loaded. */
  readonly registrations: Registrations;
}

export type Settings = Pick<Config, 'signature' | 'functionTarget' | 'functionSignature'>;

/** Under which names each system looks for a handler that nobody named, where that differs from everybody's. */
const usualNames: Readonly<Partial<Record<Signature, readonly string[]>>> = {
  lambda: ['handler', 'default'],
  knative: ['handle', 'default'],
};
const everybodysNames = ['default', 'handler', 'handle'];

/**
 * Which handler is meant, and how it is called. In this order: FLINT_SIGNATURE, what was registered with the Functions
 * Framework, its environment, the shape of the handler (`rules.ts`).
 *
 * @throws StartFailure that says what there is instead
 */
export function chooseHandler(candidate: Candidate, settings: Settings): Choice {
  const { module } = candidate;
  if (settings.signature !== 'auto') {
    return forced(candidate, settings, settings.signature);
  }
  const registered = chooseRegistered(candidate, settings);
  if (registered !== undefined) {
    return registered;
  }
  if (settings.functionTarget !== undefined || settings.functionSignature !== undefined) {
    const variable = settings.functionSignature === undefined ? 'FUNCTION_TARGET' : 'FUNCTION_SIGNATURE_TYPE';
    return {
      signature: settings.functionSignature ?? 'google-http',
      because: `${variable} is set, as for ${frameworkPackage}`,
      exported: pickOfFramework(module, settings),
    };
  }
  return recognise(candidate);
}

function forced(candidate: Candidate, settings: Settings, signature: Signature): Choice {
  const { module } = candidate;
  const because = 'FLINT_SIGNATURE says so';
  const registered = chooseRegistered(candidate, settings);
  if (registered !== undefined) {
    return { ...registered, signature, because };
  }
  const isTargeted = settings.functionTarget !== undefined && module.wanted === undefined;
  const exported = isTargeted ? pickOfFramework(module, settings) : pickByName(module, signature);
  return { signature, because, exported };
}

function chooseRegistered({ module, registrations }: Candidate, { functionTarget }: Settings): Choice | undefined {
  const { wanted, exports } = module;
  const isExportMeant = wanted !== undefined && exports.has(wanted) && !registrations.has(wanted);
  if (functionTarget === undefined && isExportMeant) {
    return undefined;
  }
  return registrations.choose(functionTarget ?? wanted);
}

function pickOfFramework(module: LoadedModule, { functionTarget }: Settings): PickedExport {
  return functionTarget === undefined
    ? pickExport(module, ['function', ...everybodysNames])
    : pickTarget(module, functionTarget);
}

function recognise({ module, fingerprint }: Candidate): Choice {
  const exported = pickByName(module, fingerprint?.signature);
  for (const rule of rules) {
    const found = rule({ exported, file: module.file, fingerprint });
    if (found !== undefined) {
      return { ...found, exported };
    }
  }
  // Nothing can call it; the adapter of last resort says so.
  return { signature: 'fetch', because: 'nothing speaks for another signature', exported };
}

function pickByName(module: LoadedModule, signature: Signature | undefined): PickedExport {
  return pickExport(module, (signature && usualNames[signature]) ?? everybodysNames);
}
