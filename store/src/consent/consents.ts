import type { ConsentState } from '@throughline/domain/consent';
import type { Queryable } from '../shared/index.js';

export interface ConsentRow {
  readonly purpose: string;
  readonly channel: string;
  readonly state: ConsentState;
  readonly eventTime: number;
  readonly sourceKey: string | null;
}

export interface ConsentChangeRow extends ConsentRow {
  readonly previous: string | null;
  readonly position: number;
  readonly ordinal: number;
}

/** The address itself is not kept here: only its hash, which a caller who knows the address can compare. */
export interface SuppressionRow {
  readonly channel: string;
  readonly addressHash: string;
  readonly reason: string;
  readonly at: number;
}

export async function readConsents(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<ConsentRow[]> {
  const found = await client.query<ConsentRow>(
    `select purpose, channel, state, event_time as "eventTime", source_key as "sourceKey" from consent
      where workspace_id = $1 and customer_id = $2 order by purpose, channel`,
    [workspaceId, customerId],
  );
  return found.rows;
}

export async function readConsentHistory(
  client: Queryable,
  workspaceId: string,
  { customerIds, limit }: { readonly customerIds: readonly string[]; readonly limit: number },
): Promise<ConsentChangeRow[]> {
  const found = await client.query<ConsentChangeRow>(
    `select purpose, channel, state, previous, event_time as "eventTime", source_key as "sourceKey", position, ordinal
       from consent_change where workspace_id = $1 and customer_id = any($2::uuid[])
      order by position desc, ordinal desc limit $3`,
    [workspaceId, customerIds, limit],
  );
  return found.rows;
}

export async function listSuppressions(
  client: Queryable,
  workspaceId: string,
  page: {
    readonly channel: string | null;
    readonly after: { readonly channel: string; readonly addressHash: string } | null;
    readonly limit: number;
  },
): Promise<SuppressionRow[]> {
  const found = await client.query<SuppressionRow>(
    `select channel, encode(address_hash, 'hex') as "addressHash", reason, at from suppression
      where workspace_id = $1 and ($2::text is null or channel = $2)
        and ($3::text is null or (channel, address_hash) > ($3, decode($4, 'hex')))
      order by channel, address_hash limit $5`,
    [
      workspaceId,
      page.channel,
      page.after?.channel ?? null,
      page.after?.addressHash ?? null,
      page.limit,
    ],
  );
  return found.rows;
}
