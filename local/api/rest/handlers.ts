import type { FastifyRequest } from 'fastify';
import type { KubeObject, Pod, Scale } from '../../../lib/kube/objects.ts';
import { isObject } from '../fields/structure.ts';
import type { Admitted } from '../core/admit.ts';
import type { Subject } from '../core/core.ts';
import type { DeleteContext } from '../core/deletion.ts';
import type { Door } from '../core/generation.ts';
import { changeOf, parseBody, patchTypes } from '../core/patch.ts';
import { readScale, writeScale } from '../core/scale.ts';
import { isNamespace } from '../kinds/kind.ts';
import { refuse } from '../status.ts';
import type { Exchange, HandlerContext } from './exchange.ts';
import { listObjects } from './list.ts';
import { streamLogs } from './logs.ts';
import { isTrue, queryOf, representationOf, writeContextOf } from './request.ts';
import { representObject } from './represent.ts';
import { streamWatch } from './watch.ts';

/** Answers one request about objects of a known kind. */
export async function handle(context: HandlerContext, exchange: Exchange): Promise<unknown> {
  const { request, info } = exchange;
  if (info.name === undefined) {
    return handleCollection(context, exchange);
  }
  const subject = subjectOf(exchange);
  switch (info.subresource) {
    case undefined:
    case 'status':
    case 'resize':
    case 'finalize':
      return handleObject(context, exchange, subject);
    case 'scale':
      return handleScale(context, exchange, subject);
    case 'log':
      return streamLogs(context, exchange, context.core.get(subject) as Pod);
    default:
      throw refuse('NotImplemented', unsupported(info.subresource, request.method));
  }
}

const instead: Readonly<Record<string, string>> = {
  exec: 'function pods are ordinary processes here: look at their files in the data folder, or use kubectl logs',
  attach: 'use kubectl logs --follow',
  portforward: 'function pods listen on 127.0.0.1 already; kubectl get pods -o wide and the pod spec tell the port',
  proxy: 'call the function by its URL',
  ephemeralcontainers: 'no container can be added to a process; look at it with the tools of this machine',
  token: 'nothing here checks tokens of ServiceAccounts; the kubeconfig holds the one that may do everything',
  eviction: 'use kubectl delete pod: no PodDisruptionBudget holds a Pod here',
};

function unsupported(subresource: string, method: string): string {
  const hint = instead[subresource];
  return `the embedded cluster does not support ${method} of ${subresource}${hint === undefined ? '' : `; ${hint}`}`;
}

function subjectOf({ kind, info }: Exchange): Subject {
  const { namespace, name = '' } = info;
  return { kind, name, ...(namespace === undefined ? {} : { namespace }) };
}

function handleCollection(context: HandlerContext, exchange: Exchange): unknown {
  const { request, kind, info } = exchange;
  switch (request.method) {
    case 'GET':
      return isTrue(queryOf(request)['watch']) ? streamWatch(context, exchange) : listObjects(context, exchange);
    case 'POST': {
      const body = placed(bodyObject(request), info.namespace);
      return answer(context, exchange, { ...context.core.create(kind, body, writeContextOf(request)), created: true });
    }
    case 'DELETE': {
      const list = listObjects(context, exchange) as { items: KubeObject[] };
      list.items.forEach((object) => {
        const { name, namespace } = object.metadata;
        context.core.remove(
          { kind, name, ...(namespace === undefined ? {} : { namespace }) },
          deleteContextOf(request),
        );
      });
      return list;
    }
    default:
      throw notAllowed();
  }
}

/** @throws StatusError MethodNotAllowed: only a PUT of a namespace finalizes */
function doorOf({ request, info, kind }: Exchange): Door {
  if (info.subresource === 'finalize' && !(isNamespace(kind) && request.method === 'PUT')) {
    throw notAllowed();
  }
  return info.subresource === 'status' || info.subresource === 'finalize' ? info.subresource : 'main';
}

function handleObject(context: HandlerContext, exchange: Exchange, subject: Subject): unknown {
  const { request, info } = exchange;
  const { core } = context;
  const door = doorOf(exchange);
  const write = writeContextOf(request);
  const subresource = info.subresource === 'resize' ? { subresource: 'resize' } : {};
  switch (request.method) {
    case 'GET':
      return answer(context, exchange, { object: core.get(subject), warnings: [] });
    case 'PUT': {
      const body = placed(bodyObject(request), info.namespace);
      return answer(
        context,
        exchange,
        core.update(subject, door, { ...write, ...subresource }, () => body),
      );
    }
    case 'PATCH': {
      const type = (request.headers['content-type'] ?? '').split(';')[0] ?? '';
      if (type === patchTypes.apply) {
        const intent = placed(bodyObject(request), info.namespace);
        const force = isTrue(queryOf(request)['force']);
        return answer(context, exchange, core.apply(subject, intent, { door, force, context: write }));
      }
      const change = changeOf(subject.kind, type, parseBody(request.body as string));
      return answer(
        context,
        exchange,
        core.update(subject, door, { ...write, ...subresource, patch: request.body as string }, change),
      );
    }
    case 'DELETE':
      return answer(context, exchange, { object: core.remove(subject, deleteContextOf(request)), warnings: [] });
    default:
      throw notAllowed();
  }
}

function handleScale(context: HandlerContext, { request, reply }: Exchange, subject: Subject): unknown {
  const { core } = context;
  const { kind } = subject;
  if (request.method !== 'GET') {
    const change = (live: KubeObject): KubeObject => {
      const scale = readScale(kind, live);
      const body = parseBody(request.body as string);
      const type = (request.headers['content-type'] ?? '').split(';')[0] ?? '';
      const next = request.method === 'PUT' ? body : changeOf(kind, asScalePatch(type), body)(scale);
      return writeScale(kind, live, next as Scale);
    };
    core.update(subject, 'main', { ...writeContextOf(request), subresource: 'scale' }, change);
  }
  return reply.send(readScale(kind, core.get(subject)));
}

/** A Scale has no lists: its strategic merge is a merge. */
function asScalePatch(type: string): string {
  return type === patchTypes.strategic || type === patchTypes.apply ? patchTypes.merge : type;
}

function notAllowed(): Error {
  return refuse('MethodNotAllowed', 'the server does not allow this method on the requested resource');
}

function answer(
  context: HandlerContext,
  { request, reply, kind }: Exchange,
  result: Admitted & { readonly created?: boolean },
): unknown {
  if (result.warnings.length > 0) {
    // All of them at once: another call would replace the header.
    const warnings = result.warnings.map((warning) => `299 - ${JSON.stringify(warning)}`);
    void reply.header('warning', warnings);
  }
  const moment = { now: context.clock.now(), version: String(context.core.storage.version) };
  return reply
    .code(result.created === true ? 201 : 200)
    .send(representObject(kind, result.object, representationOf(request), moment));
}

function bodyObject(request: FastifyRequest): KubeObject {
  const body = parseBody((request.body as string | undefined) ?? '');
  if (!isObject(body) || !isObject(body['metadata'] ?? {})) {
    throw refuse('BadRequest', 'the body is no object of the Kubernetes API');
  }
  return { metadata: {}, ...body } as unknown as KubeObject;
}

/** An object without a namespace is of the one in the path. */
function placed(object: KubeObject, namespace: string | undefined): KubeObject {
  if (namespace === undefined) {
    return object;
  }
  if (object.metadata.namespace !== undefined && object.metadata.namespace !== namespace) {
    throw refuse('BadRequest', `the namespace of the provided object does not match the namespace sent on the request`);
  }
  return { ...object, metadata: { ...object.metadata, namespace } };
}

interface DeleteOptionsBody {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly dryRun?: readonly string[];
}

function deleteContextOf(request: FastifyRequest): DeleteContext {
  const text = (request.body as string | undefined) ?? '';
  const body = (text === '' ? {} : parseBody(text)) as DeleteOptionsBody;
  const query = queryOf(request);
  const grace = body.gracePeriodSeconds ?? query['gracePeriodSeconds'];
  const propagationPolicy = body.propagationPolicy ?? query['propagationPolicy'];
  return {
    ...body.preconditions,
    ...(grace === undefined ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    dryRun: [query['dryRun'], ...(body.dryRun ?? [])].includes('All'),
  };
}
