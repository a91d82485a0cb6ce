import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lauxlib, lua, lualib, to_jsstring, to_luastring } from 'fengari';
import { expect, it } from 'vitest';
import { project } from './chart.ts';

const script = readFileSync(join(project, 'deploy/gitops/argocd-health.lua'), 'utf8');

/** A value as Lua source. */
function literal(value: unknown): string {
  if (Array.isArray(value)) {
    return `{${value.map(literal).join(', ')}}`;
  }
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, field]) => `[${JSON.stringify(name)}] = ${literal(field)}`)
      .join(', ')}}`;
  }
  return value === undefined ? 'nil' : JSON.stringify(value);
}

/** What Argo CD would show: `status: message`. */
function healthOf(object: object): string {
  const state = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  const source = `obj = ${literal(object)}\nlocal health = (function()\n${script}\nend)()\nreturn health.status .. ": " .. health.message`;
  if (lauxlib.luaL_dostring(state, to_luastring(source))) {
    throw new Error(to_jsstring(lua.lua_tostring(state, -1)));
  }
  return to_jsstring(lua.lua_tostring(state, -1));
}

function aFunction(status: string, reason: string, observedGeneration = 2): object {
  const ready = { type: 'Ready', status, reason, message: 'said so' };
  const active = { type: 'Active', status: 'False', reason: 'ScaledToZero', message: 'asleep' };
  return { metadata: { generation: 2 }, status: { observedGeneration, conditions: [active, ready] } };
}

it.for([
  { what: 'just applied', object: { metadata: { generation: 1 } }, want: 'Progressing: waiting for the operator' },
  { what: 'ready, and asleep', object: aFunction('True', 'Ready'), want: 'Healthy: Ready: said so' },
  { what: 'starting', object: aFunction('Unknown', 'Starting'), want: 'Progressing: Starting: said so' },
  { what: 'broken', object: aFunction('False', 'CodeDidNotLoad'), want: 'Degraded: CodeDidNotLoad: said so' },
  {
    what: 'changed, and not looked at yet',
    object: aFunction('True', 'Ready', 1),
    want: 'Progressing: waiting for the newest spec to be observed',
  },
])('a function that is $what', ({ object, want }) => {
  expect(healthOf(object)).toBe(want);
});
