/**
 * What a provider reports of a message after it took it. The delivery keeps the last word, and the log gets an event of ours, by which
 * timelines show it, journeys see it and the lane suppresses a dead address.
 */
import { createHash } from 'node:crypto';
import type { ReceiptReport } from '@throughline/domain/destinations';
import type { InternalEvent } from '@throughline/domain/ingestion';
import { appendInternal } from '../ingestion/append.js';
import type { Queryable } from '../shared/index.js';
import { HOP, type Origin } from './delivery-events.js';
import { addressHash } from './hashes.js';

export interface Receipt extends ReceiptReport {
  readonly connectionKey: string;
}

/** `unknown`: no delivery of this connection is meant. That is nobody's fault: others may send by the same account. */
export type ReceiptVerdict = 'recorded' | 'repeated' | 'unknown';

/** Call it last in a transaction: it takes the append lock. */
export async function recordReceipt(
  client: Queryable,
  workspaceId: string,
  receipt: Receipt,
): Promise<ReceiptVerdict> {
  const meant = await findDelivery(client, workspaceId, receipt);
  if (meant === undefined) return 'unknown';
  if (!(await noteEvent(client, workspaceId, receipt))) return 'repeated';
  await writeReceipt(client, workspaceId, { key: meant.delivery_key, word: WORDS[receipt.kind] });
  await appendInternal(client, workspaceId, [eventOfReceipt(meant, receipt)]);
  return 'recorded';
}

const WORDS = { delivered: 'delivered', bounce: 'bounced', complaint: 'complained' } as const;
const NAMES = {
  delivered: 'Message Delivered',
  bounce: 'Message Bounced',
  complaint: 'Message Complained',
} as const;
const CHANNELS = ['email', 'sms', 'push'] as const;

interface Meant extends Origin {
  readonly delivery_key: string;
  readonly journey_key: string;
  readonly version: number;
  readonly step_id: string;
  readonly visit: number;
  readonly channel: string;
  readonly address_hash: Buffer | null;
}

/** By the provider's own id of the message; without one, the newest that this connection has sent to the address. */
async function findDelivery(
  client: Queryable,
  workspaceId: string,
  { connectionKey, providerId, address }: Receipt,
): Promise<Meant | undefined> {
  const hashes = address === undefined ? [] : CHANNELS.map((one) => addressHash(one, address));
  const { rows } = await client.query<Meant>(
    `select d.delivery_key, d.journey_key, d.version, d.step_id, d.visit, d.channel, d.address_hash,
            e.customer_id, clock_timestamp() as settled_at, ${HOP} as hop
       from delivery d join enrolment e on e.workspace_id = $1 and e.enrolment_id = d.enrolment_id
      where d.workspace_id = $1 and d.connection_key = $2 and d.channel is not null and d.state in ('sending', 'accepted', 'unknown')
        and (d.provider_id = $3 or $3::text is null and d.address_hash = any ($4::bytea[]))
      order by d.reserved_at desc limit 1`,
    [workspaceId, connectionKey, providerId ?? null, hashes],
  );
  return rows[0];
}

async function noteEvent(
  client: Queryable,
  workspaceId: string,
  { connectionKey, eventId }: Receipt,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into delivery_receipt (workspace_id, connection_key, event_id) values ($1, $2, $3) on conflict do nothing`,
    [workspaceId, connectionKey, eventId],
  );
  return (rowCount ?? 0) > 0;
}

/** Reports come in any order: a complaint outlasts a bounce, and a bounce the word that something was delivered. */
async function writeReceipt(
  client: Queryable,
  workspaceId: string,
  { key, word }: { readonly key: string; readonly word: (typeof WORDS)[Receipt['kind']] },
): Promise<void> {
  await client.query(
    `update delivery
        set receipt_at = clock_timestamp(),
            receipt = case when receipt = 'complained' or receipt = 'bounced' and $3 = 'delivered' then receipt else $3 end
      where workspace_id = $1 and delivery_key = $2`,
    [workspaceId, key, word],
  );
}

function eventOfReceipt(meant: Meant, receipt: Receipt): InternalEvent {
  const { kind, eventId, connectionKey, permanent, code } = receipt;
  const named = createHash('sha256').update(`${connectionKey}:${eventId}`).digest('hex');
  return {
    messageId: `${meant.delivery_key}:receipt:${named.slice(0, 24)}`,
    type: 'track',
    name: NAMES[kind],
    customerId: meant.customer_id,
    at: meant.settled_at,
    hop: (meant.hop ?? 0) + 1,
    properties: {
      journey: meant.journey_key,
      version: meant.version,
      step: meant.step_id,
      visit: meant.visit,
      delivery: meant.delivery_key,
      connection: connectionKey,
      channel: meant.channel,
      ...(kind === 'bounce' ? { permanent: permanent ?? false } : {}),
      ...(code === undefined ? {} : { code }),
      ...(meant.address_hash === null ? {} : { addressHash: meant.address_hash.toString('hex') }),
    },
  };
}
