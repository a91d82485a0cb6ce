const http = process.getBuiltinModule('node:http');

/**
 * The values of node:http that Flint uses. An `import` of it evaluates every export, and the one called `WebSocket` loads all
 * of the bundled undici: 14 MB and 35 ms that a process at rest never needs (Node 26). Types come from `node:http` as usual,
 * by `import type`.
 */
export const { Agent, createServer, request, ServerResponse, STATUS_CODES } = http;
