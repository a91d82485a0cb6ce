/**
 * Modules of Node as `require` gives them. An `import` of one reads each of its properties to offer it as an export, and so
 * loads what stands behind every lazy one: of node:http that is `WebSocket`, and with it undici, 35 ms of each cold start; of
 * node:util and node:fs another 3 ms.
 */
export const asyncHooks = process.getBuiltinModule('node:async_hooks');
export const buffer = process.getBuiltinModule('node:buffer');
export const fs = process.getBuiltinModule('node:fs');
export const http = process.getBuiltinModule('node:http');
export const nodeModule = process.getBuiltinModule('node:module');
export const path = process.getBuiltinModule('node:path');
export const stream = process.getBuiltinModule('node:stream');
export const url = process.getBuiltinModule('node:url');
export const util = process.getBuiltinModule('node:util');
export const vm = process.getBuiltinModule('node:vm');
