import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isTwilioSignature, twilioReceipt } from '@throughline/connectors/twilio-sms';
import { isStandardWebhook } from '@throughline/connectors/webhook';
import type { ReceiptReport } from '@throughline/domain/destinations';
import { ThroughlineError } from '@throughline/domain/shared';
import { recordReceipt } from '@throughline/store/destinations';
import { inWorkspace } from '@throughline/store/shared';
import { readConnectionSecret, secretOwner, type SecretBox } from '@throughline/store/workspaces';
import type { Database } from '../common/database.js';
import type { Log } from '../common/log.js';
import { isUuid } from '../common/page.js';
import type { RateLimits } from '../common/rate-limit.js';
import { sendRefusal } from '../common/reply.js';
import type { Metrics } from '../health/metrics.js';
import { headerOf } from '../ingestion/hook-signature.js';
import { readReport } from './receipt-report.js';

export interface ReceiptDoor {
  readonly database: Database;
  readonly secrets: SecretBox;
  readonly ingestLimits: RateLimits;
  readonly metrics: Metrics;
  readonly log: Log;
  /** as providers know us: Twilio signs the address that it calls */
  readonly publicUrl: string;
}

const BODY_LIMIT = 64 * 1024;

interface ReceiptRoute {
  Params: { connectionId: string };
}

type Call = FastifyRequest<ReceiptRoute>;

/**
 * `/v1/receipts/<workspace>.<connection>`: providers say what became of messages. There is no key: the signature is the permission, made
 * with a secret of that very connection. A report about a message that is none of ours is taken and counted, never refused: the provider
 * would only send it again.
 */
export function registerReceipts(fastify: FastifyInstance, door: ReceiptDoor): void {
  void fastify.register(
    (scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, parsed) => {
        parsed(null, body);
      });
      scope.setErrorHandler((error, _request, reply) => {
        const { problem, unexpected } = sendRefusal(reply, error);
        if (unexpected !== undefined)
          door.log.failure(unexpected, { requestId: problem.requestId });
      });
      const limit = { bodyLimit: BODY_LIMIT };
      scope.post<ReceiptRoute>('/:connectionId', limit, (request, reply) =>
        take(door, { request, reply, read: readStandard, secretName: 'receiptSecret' }),
      );
      scope.post<ReceiptRoute>('/:connectionId/twilio', limit, (request, reply) =>
        take(door, { request, reply, read: readTwilio, secretName: 'authToken' }),
      );
      done();
    },
    { prefix: '/v1/receipts' },
  );
}

interface Taking {
  readonly request: Call;
  readonly reply: FastifyReply;
  readonly secretName: string;
  /** Verifies, then reads; null: signed as it must be, and nothing that we keep. */
  readonly read: (door: ReceiptDoor, request: Call, secret: string) => ReceiptReport | null;
}

async function take(door: ReceiptDoor, taking: Taking): Promise<FastifyReply> {
  const { request, reply, read, secretName } = taking;
  const { workspaceId, connectionKey } = connectionOf(request.params.connectionId);
  const verdict = await inWorkspace(door.database.app, workspaceId, async (client) => {
    const sealed = await readConnectionSecret(client, workspaceId, connectionKey);
    if (sealed === null) throw new ThroughlineError('not_found');
    const secret = door.secrets.open(sealed, secretOwner(workspaceId, connectionKey))[secretName];
    if (typeof secret !== 'string') throw new ThroughlineError('not_found');
    const report = read(door, request, secret);
    door.ingestLimits.admit({ keyId: request.params.connectionId, workspaceId });
    return report === null
      ? 'ignored'
      : recordReceipt(client, workspaceId, { ...report, connectionKey });
  });
  door.metrics.receipt(verdict);
  return reply.code(verdict === 'unknown' || verdict === 'ignored' ? 202 : 200).send({ verdict });
}

/** `<workspace>.<connection>`; a name that leads nowhere is like one that was never given. */
function connectionOf(id: string): { workspaceId: string; connectionKey: string } {
  const workspaceId = id.slice(0, 36);
  const connectionKey = id.slice(37);
  if (!isUuid(workspaceId) || !/^\.[a-z0-9][a-z0-9_-]{0,62}$/.test(id.slice(36)))
    throw new ThroughlineError('not_found');
  return { workspaceId, connectionKey };
}

function readStandard(_door: ReceiptDoor, request: Call, secret: string): ReceiptReport | null {
  const { headers } = request;
  const id = headerOf(headers, 'webhook-id');
  const payload = textOf(request);
  const call = {
    id,
    timestamp: headerOf(headers, 'webhook-timestamp'),
    signature: headerOf(headers, 'webhook-signature'),
    payload,
  };
  if (!isStandardWebhook(call, secret, Date.now())) throw unsigned();
  return readReport(payload, id ?? '');
}

function readTwilio(
  { publicUrl }: ReceiptDoor,
  request: Call,
  secret: string,
): ReceiptReport | null {
  const signature = headerOf(request.headers, 'x-twilio-signature');
  const fields = [...new URLSearchParams(textOf(request))];
  const url = `${publicUrl}${request.url}`;
  if (signature === null || !isTwilioSignature({ url, fields, signature }, secret))
    throw unsigned();
  return twilioReceipt(fields);
}

function textOf({ body }: Call): string {
  return typeof body === 'string' ? body : '';
}

function unsigned(): ThroughlineError {
  return new ThroughlineError('unauthenticated', 'The call is not signed as it must be.');
}
