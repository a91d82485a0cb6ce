import { expect, it } from 'vitest';
import { listMap, map } from './structure.ts';
import { typedPath } from './typed-path.ts';

const structure = map({ ports: listMap(['port', { name: 'protocol', default: 'TCP' }]), names: listMap(['name']) });
const object = { ports: [{ port: 80 }], names: [{ name: 'a' }, { name: 'b', plain: [{}] }] };

it.for([
  ['spec', '.spec'],
  ['ports[0].extra', '.ports[port=80,protocol="TCP"].extra'],
  ['names[1].plain[0].x', '.names[name="b"].plain[0].x'],
] as const)('%s is named %s', ([path, typed]) => {
  expect(typedPath(path, object, structure)).toBe(typed);
});
