import type { Agent as UndiciAgent, buildConnector, Dispatcher } from 'undici';
// eslint-disable-next-line no-restricted-imports -- the layer rule takes undici's folder `lib/dispatcher` for ours
import AgentConstructor from 'undici/lib/dispatcher/agent.js';
import requestOf from 'undici/lib/api/api-request.js';
import connectorOf from 'undici/lib/core/connect.js';

/**
 * The part of undici that Flint uses, by its own files: the whole package brings fetch, WebSocket, caches and mocks along,
 * 24 MB of resident memory where these files take 17 (Node 26).
 */
export type Agent = UndiciAgent;
export type ResponseData = Dispatcher.ResponseData;
export type RequestOptions = Dispatcher.RequestOptions;
export type Connector = buildConnector.connector;
export type ConnectorOptions = buildConnector.BuildOptions;

export function createAgent(options: UndiciAgent.Options): Agent {
  return new AgentConstructor(options);
}

/** How an agent connects, for one that has to know its connections. */
export function createConnector(options: ConnectorOptions): Connector {
  return connectorOf(options);
}

/** One exchange over the agent's pooled connections; the body of the answer is still to be read. */
export function request(agent: Agent, options: RequestOptions): Promise<ResponseData> {
  return requestOf.call(agent, options);
}
