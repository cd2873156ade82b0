import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

export interface BodyDeadline {
  readonly ms: number;
  /** routes whose bodies are files: as long as a slow line takes */
  readonly except: readonly string[];
  readonly expire: (socket: Socket) => void;
  readonly everyMs?: number;
}

const EVERY_MS = 1_000;

/**
 * A client that sends its body a byte at a time is let go. The server's own limit is one for all routes, and files need longer.
 * One look a second at what is not complete costs the ingest door less than a timer for every request.
 */
export function useBodyDeadline(fastify: FastifyInstance, deadline: BodyDeadline): void {
  const pending = new Map<IncomingMessage, number>();
  fastify.addHook('onRequest', (request, _reply, next) => {
    const { raw } = request;
    if (!raw.complete && hasBody(raw) && !deadline.except.includes(request.routeOptions.url ?? ''))
      pending.set(raw, performance.now());
    next();
  });
  // Refused before it was read: whoever goes on sending has as long as everybody else.
  fastify.addHook('onResponse', ({ raw }, _reply, next) => {
    if (!raw.complete && hasBody(raw) && !pending.has(raw)) pending.set(raw, performance.now());
    next();
  });
  const timer = setInterval(() => {
    const latest = performance.now() - deadline.ms;
    for (const [raw, since] of pending) {
      const isOver = raw.complete || raw.destroyed;
      if (!isOver && since > latest) continue;
      pending.delete(raw);
      if (!isOver) deadline.expire(raw.socket);
    }
  }, deadline.everyMs ?? EVERY_MS);
  timer.unref();
  fastify.addHook('onClose', (_instance, done) => {
    clearInterval(timer);
    done();
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
