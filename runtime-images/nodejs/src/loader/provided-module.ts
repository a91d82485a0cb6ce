import { nodeModule } from '../builtin.ts';

/** Where a provided module finds its members: what a hook can give is text. */
const key = 'flint.provided-modules';

type Provided = Map<string, object>;

/**
 * Makes `require(name)` and `import … from 'name'` in user code mean `exports`, whether or not there is such a package among
 * its files: a copy of its own would register handlers where the runtime does not see them.
 */
export function provideModule(name: string, exports: object): void {
  const holder = globalThis as Record<symbol, Provided | undefined>;
  const provided = (holder[Symbol.for(key)] ??= new Map());
  provided.set(name, exports);
  const url = `flint:${name}`;
  let isLoadable = false;
  nodeModule.registerHooks({
    resolve: (specifier, context, nextResolve) => {
      if (specifier !== name) {
        return nextResolve(specifier, context);
      }
      // Only now, because it costs something for every module that is loaded.
      if (!isLoadable) {
        isLoadable = true;
        makeLoadable(url, sourceOf(name, exports));
      }
      return { url, format: 'commonjs', shortCircuit: true };
    },
  });
}

function makeLoadable(url: string, source: string): void {
  nodeModule.registerHooks({
    load: (loadedUrl, context, nextLoad) =>
      loadedUrl === url ? { format: 'commonjs', source, shortCircuit: true } : nextLoad(loadedUrl, context),
  });
}

/** CommonJS with every member by its name: which ones an `import { member }` may ask for is read off the text. */
function sourceOf(name: string, exports: object): string {
  const members = Object.keys(exports).map((member) => `exports.${member} = provided.${member};`);
  const head = `const provided = globalThis[Symbol.for('${key}')].get(${JSON.stringify(name)});`;
  return [head, ...members].join('\n');
}
