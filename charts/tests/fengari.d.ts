/** The part of fengari that the test of the Lua script uses. */
declare module 'fengari' {
  type State = object;
  export const lua: { lua_tostring(state: State, index: number): Uint8Array };
  export const lualib: { luaL_openlibs(state: State): void };
  export const lauxlib: { luaL_newstate(): State; luaL_dostring(state: State, source: Uint8Array): boolean };
  export function to_luastring(text: string): Uint8Array;
  export function to_jsstring(bytes: Uint8Array): string;
}
