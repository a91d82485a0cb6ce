import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type onRequestHookHandler,
} from 'fastify';
import { errorMessage } from '../../lib/errors.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { StatusError } from '../../lib/kube/status-error.ts';
import type { Logger } from '../../lib/log.ts';
import { ApiCore, type CoreOptions } from './core/core.ts';
import { InProcessClient } from './in-process-client.ts';
import type { LogSource } from './log-source.ts';
import { decodeProtobuf, protobufType } from './protobuf/decode.ts';
import { RequestMetrics, verbOf } from './request-metrics.ts';
import * as discovery from './rest/discovery.ts';
import type { HandlerContext } from './rest/exchange.ts';
import { handle } from './rest/handlers.ts';
import { readOpenApiV2 } from './rest/openapi-v2.ts';
import { makeOpenApiIndex, readOpenApiDocument } from './rest/openapi.ts';
import { addReviews } from './rest/reviews.ts';
import { parsePath } from './rest/request-info.ts';
import { checkPresent, makeStatus, refuse } from './status.ts';
import type { TokenReader } from './token-table.ts';

export interface ApiServerOptions extends CoreOptions {
  readonly log: Logger;
  readonly tokens: TokenReader;
  readonly logs?: LogSource;
}

export interface ApiServer {
  readonly core: ApiCore;
  /** The API without a socket. */
  readonly client: KubeClient;
  listen(port: number, host: string): Promise<{ readonly url: string }>;
  close(): Promise<void>;
}

/** As a real server. */
const mostBodyBytes = 3 * 1024 * 1024;

const version = { major: '1', minor: '36', gitVersion: 'v1.36.0+flint', platform: 'embedded' };

/** The embedded cluster's API server. It listens on loopback, and only to those who know a token. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const core = new ApiCore(options);
  const metrics = new RequestMetrics();
  const app = makeApp({ core, clock: options.clock, logs: options.logs }, options, metrics);
  return {
    core,
    client: new InProcessClient(core, metrics),
    listen: async (port, host) => {
      await app.listen({ port, host });
      const address = app.server.address() as AddressInfo;
      return { url: `http://${host}:${address.port}` };
    },
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

function makeApp(context: HandlerContext, options: ApiServerOptions, metrics: RequestMetrics): FastifyInstance {
  const app = fastify({
    bodyLimit: mostBodyBytes,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    rewriteUrl: takeToken,
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  app.addContentTypeParser(protobufType, { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    try {
      done(null, JSON.stringify(decodeProtobuf(body)));
    } catch (error) {
      done(error as Error);
    }
  });
  app.setErrorHandler((error, _request, reply) => fail(error, reply, options.log));
  const users = new WeakMap<FastifyRequest, string>();
  app.addHook('onRequest', (request, _reply, done) => {
    if (!publicPaths.has(request.routeOptions.url ?? '')) {
      users.set(request, authenticate(request, options.tokens));
    }
    refuseCbor(request);
    refuseImpersonation(request);
    done();
  });
  addDiscovery(app, context.core);
  addReviews(app, (request) => users.get(request) ?? '');
  app.get('/metrics', async (_request, reply) => reply.type('text/plain').send(await metrics.render()));
  app.all('/*', { onRequest: refuseAbsent(context.core) }, async (request, reply) => {
    const info = infoOf(request);
    if (info === undefined) {
      throw refuse('NotFound', 'the server could not find the requested resource');
    }
    const kind = context.core.registry.find(info.group, info.version, info.plural);
    reply.raw.once('close', () => {
      metrics.count({
        verb: verbOf(request, info),
        group: info.group,
        version: info.version,
        resource: info.plural,
        subresource: info.subresource ?? '',
        user: users.get(request) ?? '',
        code: reply.raw.statusCode,
      });
    });
    return handle(context, { request, reply, info, kind });
  });
  return app;
}

function infoOf(request: FastifyRequest): ReturnType<typeof parsePath> {
  return parsePath(request.url.split('?')[0] ?? '');
}

/** What is asked in somebody else's name is asked of that one's rights, which nobody judges here: the answer would be wrong. */
function refuseImpersonation(request: FastifyRequest): void {
  if (request.headers['impersonate-user'] !== undefined) {
    const instead = 'it has no RBAC, and whoever has a token may do everything; ask a real cluster what others may do';
    throw refuse('NotImplemented', `the embedded cluster does not impersonate users: ${instead}`);
  }
}

/** Before the body is read: the protobuf form of an absent kind is not known here. */
function refuseAbsent({ registry }: ApiCore): onRequestHookHandler {
  return (request, _reply, done) => {
    const info =
      request.method === 'POST' || request.url.startsWith('/apis/metrics.k8s.io/') ? infoOf(request) : undefined;
    const kind = info === undefined ? undefined : registry.lookUp(info.group, info.version, info.plural);
    if (kind !== undefined && (request.method === 'POST' || kind.absence?.isReadable === false)) {
      checkPresent(kind);
    }
    done();
  };
}

const tokenPrefix = /^\/token\/(?<token>[^/]+)/u;

/**
 * kubectl sends a bearer token over TLS only, so a kubeconfig for this server carries it in the server's URL:
 * `http://127.0.0.1:6443/token/TOKEN`.
 */
function takeToken(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const token = tokenPrefix.exec(url)?.groups?.['token'];
  if (token === undefined) {
    return url;
  }
  request.headers.authorization = `Bearer ${token}`;
  const rest = url.slice(`/token/${token}`.length);
  return rest === '' ? '/' : rest;
}

/** A real server tells these to anybody (`system:public-info-viewer`); `kubectl get --raw` drops the path of the server's URL, and so the token. */
const healthPaths = ['/healthz', '/livez', '/readyz'];
const publicPaths: ReadonlySet<string> = new Set([...healthPaths, '/version']);

/** @returns the user whose token the request carries. @throws StatusError Unauthorized */
function authenticate(request: FastifyRequest, tokens: TokenReader): string {
  const token = request.headers.authorization?.replace(/^Bearer /u, '');
  const user = token === undefined ? undefined : tokens.userOf(token);
  if (user === undefined) {
    throw refuse('Unauthorized', 'Unauthorized');
  }
  return user;
}

/** client-go sends JSON after this answer. */
function refuseCbor(request: FastifyRequest): void {
  const type = request.headers['content-type'] ?? '';
  if (type.includes('cbor')) {
    throw refuse(
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - ${type} is not accepted here; use application/json`,
    );
  }
}

function fail(error: unknown, reply: FastifyReply, log: Logger): unknown {
  if (error instanceof StatusError) {
    return reply.code(error.code).send(makeStatus(error));
  }
  if ((error as NodeJS.ErrnoException).code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return fail(refuse('RequestEntityTooLarge', `Request entity too large: limit is ${mostBodyBytes}`), reply, log);
  }
  log.error('a request failed', { error });
  return reply.code(500).send(makeStatus(refuse('InternalError', errorMessage(error))));
}

function addDiscovery(app: FastifyInstance, core: ApiCore): void {
  const kinds = (): ReturnType<typeof core.registry.all> => core.registry.all();
  const isAggregated = (request: FastifyRequest): boolean =>
    (request.headers.accept ?? '').includes('APIGroupDiscoveryList');
  const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  app.get('/api', (request, reply) =>
    isAggregated(request)
      ? reply.type(aggregatedType).send(discovery.makeAggregated(kinds(), 'core'))
      : reply.send(discovery.makeCoreVersions()),
  );
  app.get('/apis', (request, reply) =>
    isAggregated(request)
      ? reply.type(aggregatedType).send(discovery.makeAggregated(kinds(), 'groups'))
      : reply.send(discovery.makeGroupList(kinds())),
  );
  app.get<{ Params: { version: string } }>('/api/:version', ({ params }) =>
    discovery.makeResourceList(kinds(), '', params.version),
  );
  app.get<{ Params: { group: string; version: string } }>('/apis/:group/:version', ({ params }) =>
    discovery.makeResourceList(kinds(), params.group, params.version),
  );
  app.get<{ Params: { group: string } }>('/apis/:group', ({ params }) => discovery.findGroup(kinds(), params.group));
  app.get('/version', () => version);
  app.get('/openapi/v3', (request) => makeOpenApiIndex(kinds(), tokenPrefix.exec(request.originalUrl)?.[0] ?? ''));
  app.get<{ Params: { '*': string } }>('/openapi/v3/*', ({ params }, reply) =>
    reply.type('application/json').send(readOpenApiDocument(kinds(), params['*'])),
  );
  app.get('/openapi/v2', ({ headers }, reply) => {
    const { type, body } = readOpenApiV2(headers.accept);
    return reply.type(type).send(body);
  });
  for (const path of healthPaths) {
    app.get(path, (_request, reply) => reply.type('text/plain').send('ok'));
  }
}
