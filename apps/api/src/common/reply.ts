import type { FastifyReply } from 'fastify';
import { PROBLEM_TYPE, refusalOf, type Refusal } from './problem.js';

/** Sends a refusal the same way from Nest's filter and from raw routes. */
export function sendRefusal(reply: FastifyReply, error: unknown): Refusal {
  const refusal = refusalOf(error, reply.request.id);
  if (refusal.retryAfterSeconds !== undefined) {
    void reply.header('retry-after', String(refusal.retryAfterSeconds));
  }
  if (refusal.problem.status === 401) void reply.header('www-authenticate', 'Bearer, Basic');
  void reply
    .code(refusal.problem.status)
    .header('content-type', PROBLEM_TYPE)
    .header('x-request-id', reply.request.id)
    .send(JSON.stringify(refusal.problem));
  return refusal;
}
