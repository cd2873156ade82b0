import type { FastifyInstance } from 'fastify';
import { ThroughlineError } from '@throughline/domain/shared';

/** What files are sent as. */
const FILE_TYPES = [
  'text/csv',
  'application/x-ndjson',
  'application/ndjson',
  'application/gzip',
  'application/octet-stream',
] as const;

/** Bodies of these routes are handed on as they come, unread and of any length; everywhere else a file is refused. */
export function useStreamedBodies(fastify: FastifyInstance, routes: readonly string[]): void {
  fastify.addContentTypeParser([...FILE_TYPES], (request, payload, done) => {
    const isStreamed = routes.includes(request.routeOptions.url ?? '');
    done(isStreamed ? null : new ThroughlineError('unsupported_media_type'), payload);
  });
}
