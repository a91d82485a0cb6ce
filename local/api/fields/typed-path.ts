import { renderSegment } from './field-set.ts';
import { fieldStructure, itemKey, isObject, type Structure, structureFor } from './structure.ts';

/**
 * `spec.containers[0].imagee` as server-side apply names it: `.spec.containers[name="app"].imagee`. An item is known by its keys
 * where its list has keys, else by its position.
 */
export function typedPath(path: string, object: unknown, declared: Structure): string {
  let value = object;
  let structure: Structure | undefined = declared;
  return [...path.matchAll(/\[(?<index>\d+)\]|(?<name>[^.[\]]+)/gu)]
    .map(({ groups = {} }) => {
      const { index, name = '' } = groups;
      const own: Structure = structureFor(value, structure);
      if (index === undefined) {
        value = isObject(value) ? value[name] : undefined;
        structure = fieldStructure(own, name);
        return `.${name}`;
      }
      value = Array.isArray(value) ? (value[Number(index)] as unknown) : undefined;
      structure = own.type === 'list-map' ? own.items : undefined;
      return own.type === 'list-map' ? renderSegment(`k:${itemKey(value, own.keys)}`) : `[${index}]`;
    })
    .join('');
}
