/**
 * `GET /v1/personalize`: what a page may know of its visitor. Asked by browsers, on every page, with a key that anybody can read; so
 * beside Nest like the ingest door, and with a scope that opens nothing else.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ThroughlineError } from '@throughline/domain/shared';
import { readPersonalisation } from '@throughline/store/recommendations';
import { inWorkspace } from '@throughline/store/shared';
import type { KeyHolder } from '@throughline/store/workspaces';
import type { Database } from '../common/database.js';
import type { KeyDirectory } from '../common/key-directory.js';
import type { Log } from '../common/log.js';
import type { RateLimits } from '../common/rate-limit.js';
import { sendRefusal } from '../common/reply.js';
import type { Metrics } from '../health/metrics.js';
import { keyInHeader } from '../ingestion/credentials.js';
import { tellVisitor, type Named } from './tell-visitor.js';

export interface PersonalizeDoor {
  readonly keys: KeyDirectory;
  readonly personaliseLimits: RateLimits;
  readonly database: Database;
  readonly metrics: Metrics;
  readonly log: Log;
}

const ROUTE = '/v1/personalize';

interface Asked {
  Querystring: Readonly<Record<string, unknown>>;
}

export function registerPersonalize(fastify: FastifyInstance, door: PersonalizeDoor): void {
  void fastify.register((scope, _options, done) => {
    scope.setErrorHandler((error, _request, reply) => {
      const { unexpected, problem } = sendRefusal(reply, error);
      if (unexpected !== undefined) door.log.failure(unexpected, { requestId: problem.requestId });
    });
    scope.addHook('onResponse', (_request, reply, next) => {
      door.metrics.answered('GET', ROUTE, reply.statusCode);
      next();
    });
    // Nobody's key is known yet; which sites may ask is decided when they do.
    scope.options(ROUTE, (_request, reply) =>
      reply
        .code(204)
        .header('access-control-allow-origin', '*')
        .header('access-control-allow-methods', 'GET, OPTIONS')
        .header('access-control-allow-headers', 'authorization, if-none-match')
        .header('access-control-max-age', '86400')
        .send(),
    );
    scope.get<Asked>(ROUTE, (request, reply) => answer(door, request, reply));
    done();
  });
}

async function answer(
  door: PersonalizeDoor,
  request: FastifyRequest<Asked>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { workspaceId, sourceKey } = await admitted(door, request.headers.authorization);
  const named = namedIn(request.query);
  void reply.header('vary', 'Origin, Authorization').header('cache-control', 'private, no-cache');
  const told = await inWorkspace(door.database.app, workspaceId, async (client) => {
    const settings = await readPersonalisation(client, workspaceId, sourceKey);
    if (settings === null)
      throw new ThroughlineError('not_found', 'The pages of this source are told nothing.');
    allowOrigin(settings.origins, request.headers.origin, reply);
    return tellVisitor(client, workspaceId, { named, settings });
  });
  const body = JSON.stringify(told);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  void reply.header('etag', etag);
  if (sameTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
  return reply.code(200).header('content-type', 'application/json; charset=utf-8').send(body);
}

interface Admission {
  readonly workspaceId: string;
  readonly sourceKey: string;
}

async function admitted(door: PersonalizeDoor, header: string | undefined): Promise<Admission> {
  const holder: KeyHolder | null =
    header === undefined ? null : await door.keys.findIn(header, keyInHeader);
  if (holder === null) throw new ThroughlineError('unauthenticated');
  door.personaliseLimits.admit(holder);
  const { workspaceId, scopes, sourceKey, sourcePaused } = holder;
  if (!scopes.includes('personalise') || sourceKey === null)
    throw new ThroughlineError('forbidden', 'This call needs a key with the scope personalise.');
  if (sourcePaused) throw new ThroughlineError('conflict', `The source ${sourceKey} is paused.`);
  return { workspaceId, sourceKey };
}

function namedIn(query: Asked['Querystring']): Named {
  const named = { anonymousId: textOf(query['anonymousId']), userId: textOf(query['userId']) };
  if (named.anonymousId === null && named.userId === null)
    throw new ThroughlineError(
      'invalid_request',
      'Say who is asking: anonymousId, userId or both.',
    );
  return named;
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string') return value;
  throw new ThroughlineError('invalid_request', 'anonymousId and userId are given once.');
}

/** A browser says which site asks. What is no browser says nothing, and could say anything. */
function allowOrigin(
  origins: readonly string[],
  origin: string | undefined,
  reply: FastifyReply,
): void {
  if (origin === undefined) return;
  if (!origins.includes(origin))
    throw new ThroughlineError('forbidden', 'This site is not among those that may ask.');
  void reply
    .header('access-control-allow-origin', origin)
    .header('access-control-expose-headers', 'etag');
}

function sameTag(header: string | undefined, etag: string): boolean {
  return header?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag) ?? false;
}
