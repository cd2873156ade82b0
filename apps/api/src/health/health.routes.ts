import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.js';
import type { ReadinessCheck } from './readiness.js';

/** For orchestrators and scrapers: no key, no personal data, no detail beyond codes. */
export function registerHealth(
  fastify: FastifyInstance,
  { readiness, metrics }: { readonly readiness: ReadinessCheck; readonly metrics: Metrics },
): void {
  fastify.get('/healthz', (_request, reply) => reply.send({ status: 'ok' }));

  fastify.get('/readyz', async (_request, reply) => {
    const { ready, reasons, lagMs } = await readiness.check();
    if (!ready) void reply.code(503).header('retry-after', '2');
    return reply.send({ ready, reasons, lagMs: lagMs ?? null });
  });

  fastify.get('/metrics', async (_request, reply) => {
    const text = metrics.text(await readiness.lagMs());
    return reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(text);
  });
}
