import type { RawServerDefault } from 'fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ThroughlineError } from '@throughline/domain/shared';

/**
 * Bodies of the management API, parsed by Fastify's own guarded parser. Ours stands around it because Nest turns a syntax
 * error into a bad request among others, and an empty body with a content type is a body that is not there.
 */
export function useJsonBodies(app: NestFastifyApplication): void {
  const guarded = app.getHttpAdapter().getInstance().getDefaultJsonParser('error', 'error');
  app.useBodyParser<RawServerDefault>('application/json', {}, (request, body, done) => {
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    void guarded(request, body.toString('utf8'), (error, value) => {
      done(error === null ? null : new ThroughlineError('malformed_json'), value);
    });
  });
}
