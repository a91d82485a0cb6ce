import type { Path } from './schema-nodes.ts';

const functionBase = { runtime: 'nodejs', source: { inline: 'x' } };
const imageBase = { source: { image: 'registry.example/hello:1' } };
/** Room on both sides of every bound that another field sets. */
const scaling = {
  minReplicas: 0,
  maxReplicas: 1000,
  initialReplicas: 0,
  activationReplicas: 1,
  window: '1h',
  panicWindow: '1s',
};
const crossed: Readonly<Record<string, object>> = {
  maxReplicas: { ...scaling, maxReplicas: 1 },
  window: { ...scaling, window: '6s' },
};

/** What a field of a Function needs around it so that no rule but its own can be broken. */
function functionSpec([, first, second = '']: Path): object {
  if (first === 'source') {
    const base = second === 'image' ? imageBase : functionBase;
    return { ...base, source: second === 'inline' || second === 'image' ? base.source : {} };
  }
  if (first === 'command' || first === 'args') {
    return imageBase;
  }
  return first === 'scaling' ? { ...functionBase, scaling: crossed[second] ?? scaling } : functionBase;
}

const specs: Readonly<Record<string, (path: Path) => object>> = {
  Function: functionSpec,
  Revision: () => ({ functionName: 'hello', image: 'registry.example/hello:1', port: 8080, protocol: 'Http1' }),
  Runtime: () => ({ image: 'registry.example/runtime:1', entryFiles: ['index.mjs'] }),
};

/** A valid object of this kind into which a value at the path fits. */
export function boundaryBase(kind: string, path: Path): object {
  return { apiVersion: 'flint.dev/v1alpha1', kind, metadata: { name: 'boundary' }, spec: specs[kind]?.(path) ?? {} };
}
