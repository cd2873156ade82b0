import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { doorCheck } from '@throughline/domain/ingestion';
import { ThroughlineError } from '@throughline/domain/shared';
import {
  findHook,
  hookSecretKey,
  type Appender,
  type SourceHook,
} from '@throughline/store/ingestion';
import { inWorkspace, type Queryable } from '@throughline/store/shared';
import { readConnectionSecret, secretOwner, type SecretBox } from '@throughline/store/workspaces';
import type { Database } from '../common/database.js';
import type { Log } from '../common/log.js';
import { isUuid } from '../common/page.js';
import type { RateLimits } from '../common/rate-limit.js';
import { sendRefusal } from '../common/reply.js';
import type { Metrics } from '../health/metrics.js';
import { hookBatch, payloadOf, type HookBatch, type HookCall } from './hook-events.js';
import { headerOf, signatureFault } from './hook-signature.js';
import { HookSettingsSchema, type HookSettings } from './hook.schema.js';

export interface HookDoor {
  readonly database: Database;
  readonly secrets: SecretBox;
  readonly appender: Appender;
  readonly ingestLimits: RateLimits;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Shops send whole orders with everything in them. */
const BODY_LIMIT = 2 * 1024 * 1024;

interface HookRoute {
  Params: { hookId: string };
}

/**
 * `/v1/hooks/<id>`: services that send what they want, signed. The signature is checked over the bytes before anything looks into
 * them. 200 says that everything the call holds is committed, what the mapping rejects included.
 */
export function registerHooks(fastify: FastifyInstance, door: HookDoor): void {
  void fastify.register(
    (scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => {
        parsed(null, body);
      });
      scope.setErrorHandler((error, _request, reply) => {
        const { problem, unexpected } = sendRefusal(reply, error);
        door.metrics.refused('hook', problem.code);
        if (unexpected !== undefined)
          door.log.failure(unexpected, { requestId: problem.requestId });
      });
      scope.post<HookRoute>('/:hookId', { bodyLimit: BODY_LIMIT }, (request, reply) =>
        take(door, request, reply),
      );
      done();
    },
    { prefix: '/v1/hooks' },
  );
}

async function take(
  door: HookDoor,
  request: FastifyRequest<HookRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const hook = await hookOf(door, request.params.hookId);
  const settings = HookSettingsSchema.parse(hook.settings);
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const { workspaceId, sourceKey } = hook;
  const batch = await inWorkspace(door.database.app, workspaceId, async (client) => {
    await verify(door, client, { hook, settings, body, request });
    const call = callOf(settings, body, request);
    return hookBatch({ client, workspaceId, sourceKey, settings }, call);
  });
  await append(door, hook, batch);
  door.metrics.ingested('batch', {
    events: batch.events,
    bytes: body.length,
    ms: reply.elapsedTime,
  });
  return reply.send({ success: true, events: batch.events, rejected: batch.rejected });
}

async function hookOf(door: HookDoor, hookId: string): Promise<SourceHook> {
  const hook = isUuid(hookId) ? await findHook(door.database.door, hookId) : null;
  if (hook === null) throw new ThroughlineError('not_found');
  door.ingestLimits.admit({ keyId: hook.hookId, workspaceId: hook.workspaceId });
  if (hook.paused)
    throw new ThroughlineError(
      'conflict',
      `The source ${hook.sourceKey} is paused; nothing was stored.`,
    );
  return hook;
}

interface Verification {
  readonly hook: SourceHook;
  readonly settings: HookSettings;
  readonly body: Buffer;
  readonly request: FastifyRequest<HookRoute>;
}

async function verify(
  { secrets }: HookDoor,
  client: Queryable,
  { hook, settings, body, request }: Verification,
): Promise<void> {
  const { workspaceId, sourceKey } = hook;
  const key = hookSecretKey(sourceKey);
  const sealed = await readConnectionSecret(client, workspaceId, key);
  const secret =
    sealed === null ? null : secrets.open(sealed, secretOwner(workspaceId, key))['secret'];
  if (typeof secret !== 'string') throw new ThroughlineError('unauthenticated');
  const call = { headers: request.headers, body, now: Date.now() };
  const fault = signatureFault(settings, secret, call);
  if (fault !== null)
    throw new ThroughlineError(
      'unauthenticated',
      `The call is not signed as it must be: ${fault}.`,
    );
}

function callOf(
  settings: HookSettings,
  body: Buffer,
  { headers }: FastifyRequest<HookRoute>,
): HookCall {
  const named =
    settings.scheme === 'shopify'
      ? headerOf(headers, 'x-shopify-webhook-id')
      : settings.idHeader === undefined
        ? null
        : headerOf(headers, settings.idHeader);
  return {
    payload: payloadOf(body),
    rowId: named ?? createHash('sha256').update(body).digest('hex'),
    topic: settings.scheme === 'shopify' ? headerOf(headers, 'x-shopify-topic') : null,
    receivedAt: Date.now(),
  };
}

async function append(
  { appender }: HookDoor,
  { workspaceId, sourceKey }: SourceHook,
  { body }: HookBatch,
): Promise<void> {
  if (body === null) return;
  const checked = doorCheck('batch', body);
  if ('code' in checked) throw new ThroughlineError(checked.code, checked.detail);
  const { events, revocations } = checked;
  await appender.append({ workspaceId, sourceKey, endpoint: 'batch', body, events, revocations });
}
