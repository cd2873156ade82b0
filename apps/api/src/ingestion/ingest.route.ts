import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { doorCheck, EVENT_LIMITS, type Endpoint } from '@throughline/domain/ingestion';
import { ThroughlineError } from '@throughline/domain/shared';
import type { Appender } from '@throughline/store/ingestion';
import type { KeyHolder } from '@throughline/store/workspaces';
import type { KeyDirectory } from '../common/key-directory.js';
import type { Log } from '../common/log.js';
import type { RateLimits } from '../common/rate-limit.js';
import { sendRefusal } from '../common/reply.js';
import type { Metrics } from '../health/metrics.js';
import { keyInBody, keyInHeader } from './credentials.js';
import { ENDPOINTS } from './endpoints.js';
import { BODY_LIMIT, inflate } from './inflate.js';

export interface IngestDoor {
  readonly keys: KeyDirectory;
  readonly ingestLimits: RateLimits;
  readonly appender: Appender;
  readonly metrics: Metrics;
  readonly log: Log;
}

const ACCEPTED = '{"success":true}';
const JSON_TYPE = 'application/json; charset=utf-8';
/** Browsers ask with text/plain to be spared a preflight. */
const CONTENT_TYPES = ['application/json', 'text/plain'];

/**
 * `/v1/*`, where data comes in: raw routes beside Nest, because every request here pays for whatever stands in its way.
 * key → limits → one look at the body → append → 200, which promises that the body is committed.
 */
export function registerIngest(fastify: FastifyInstance, door: IngestDoor): void {
  void fastify.register(
    (scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
        parsed(null, body);
      });
      allowEveryOrigin(scope);
      scope.setErrorHandler((error, request, reply) => {
        refuse(door, endpointOf(request), reply, error);
      });
      for (const endpoint of ENDPOINTS) {
        scope.post(`/${endpoint}`, { bodyLimit: BODY_LIMIT }, (request, reply) =>
          take(door, endpoint, request, reply),
        );
      }
      done();
    },
    { prefix: '/v1' },
  );
}

async function take(
  door: IngestDoor,
  endpoint: Endpoint,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const holder = await holderOf(door, request);
  const body = await textOf(request);
  const { workspaceId, sourceKey } = admitted(holder ?? (await holderInBody(door, body)));
  const checked = doorCheck(endpoint, body);
  if ('code' in checked) throw new ThroughlineError(checked.code, checked.detail);
  const { events, revocations } = checked;
  // An empty batch is a body without news: there is nothing to remember.
  if (events > 0)
    await door.appender.append({ workspaceId, sourceKey, endpoint, body, events, revocations });
  door.metrics.ingested(endpoint, { events, bytes: body.length, ms: reply.elapsedTime });
  return reply.code(200).header('content-type', JSON_TYPE).send(ACCEPTED);
}

/** null: no key in the header, so that the body is asked. */
async function holderOf(door: IngestDoor, request: FastifyRequest): Promise<KeyHolder | null> {
  const { authorization } = request.headers;
  if (authorization === undefined) return null;
  return counted(door, await door.keys.findIn(authorization, keyInHeader));
}

async function holderInBody(door: IngestDoor, body: string): Promise<KeyHolder> {
  const key = keyInBody(body);
  return counted(door, key === null ? null : await door.keys.find(key));
}

/** Somebody, and somebody who may ask again already: said before more is done for them. */
function counted({ ingestLimits }: IngestDoor, holder: KeyHolder | null): KeyHolder {
  if (holder === null) throw new ThroughlineError('unauthenticated');
  ingestLimits.admit(holder);
  return holder;
}

interface Admission {
  readonly workspaceId: string;
  readonly sourceKey: string;
}

/** May this key bring events in, now? */
function admitted({ workspaceId, scopes, sourceKey, sourcePaused }: KeyHolder): Admission {
  if (!scopes.includes('ingest') || sourceKey === null) {
    throw new ThroughlineError('forbidden', 'This key is no write key: it lacks the scope ingest.');
  }
  if (sourcePaused) {
    throw new ThroughlineError(
      'conflict',
      `The source ${sourceKey} is paused; nothing was stored.`,
    );
  }
  return { workspaceId, sourceKey };
}

async function textOf(request: FastifyRequest): Promise<string> {
  checkContentType(request.headers['content-type']);
  const raw = request.body;
  if (!Buffer.isBuffer(raw)) throw new ThroughlineError('malformed_json', 'The body is empty.');
  const bytes = await inflate(raw, request.headers['content-encoding']);
  if (!isUtf8(bytes)) throw new ThroughlineError('malformed_json', 'The body is not UTF-8.');
  const text = bytes.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function checkContentType(header: string | undefined): void {
  const type = (header ?? 'application/json').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!CONTENT_TYPES.includes(type)) {
    throw new ThroughlineError('unsupported_media_type', 'Send application/json or text/plain.');
  }
}

/** Write keys are meant to be public, and there are no cookies: any page may send. */
function allowEveryOrigin(scope: FastifyInstance): void {
  scope.addHook('onRequest', (_request, reply, next) => {
    void reply.header('access-control-allow-origin', '*');
    next();
  });
  scope.options('/*', (_request, reply) =>
    reply
      .code(204)
      .header('access-control-allow-methods', 'POST, OPTIONS')
      .header('access-control-allow-headers', 'authorization, content-type, content-encoding')
      .header('access-control-max-age', '86400')
      .send(),
  );
}

function refuse(
  { metrics, log }: IngestDoor,
  endpoint: string,
  reply: FastifyReply,
  error: unknown,
): void {
  const { problem, unexpected } = sendRefusal(reply, error);
  metrics.refused(endpoint, problem.code);
  if (unexpected !== undefined) log.failure(unexpected, { requestId: problem.requestId, endpoint });
}

function endpointOf(request: FastifyRequest): string {
  const path = request.routeOptions.url?.slice('/v1/'.length);
  return ENDPOINTS.find((known) => known === path) ?? 'other';
}

/** What one body may hold, for the document. */
export const DOOR_LIMITS = { bytes: BODY_LIMIT, events: EVENT_LIMITS.eventsInBody } as const;
