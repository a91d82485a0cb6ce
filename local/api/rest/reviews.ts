import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseBody } from '../core/patch.ts';

/** What `kubectl auth can-i` and `kubectl auth whoami` ask. @param userOf who sent a request */
export function addReviews(app: FastifyInstance, userOf: (request: FastifyRequest) => string): void {
  app.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', (request, reply) => {
    const review = parseBody(request.body as string) as object;
    const reason = 'the embedded cluster has no RBAC: whoever has a token may do everything';
    return reply.code(201).send({ ...review, status: { allowed: true, reason } });
  });
  app.post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', (request, reply) => {
    const review = parseBody(request.body as string) as object;
    const all = { verbs: ['*'] };
    const resourceRules = [{ ...all, apiGroups: ['*'], resources: ['*'] }];
    const nonResourceRules = [{ ...all, nonResourceURLs: ['*'] }];
    return reply.code(201).send({ ...review, status: { resourceRules, nonResourceRules, incomplete: false } });
  });
  app.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', (request, reply) => {
    const review = parseBody(request.body as string) as object;
    const userInfo = { username: userOf(request), groups: ['system:authenticated'] };
    return reply.code(201).send({ ...review, status: { userInfo } });
  });
}
