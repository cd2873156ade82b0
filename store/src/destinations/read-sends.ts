/** What frequency caps count: the messages of a person that went out lately, or are about to. */
import type { CountedSend } from '@throughline/domain/destinations';
import { timestampText } from '../journeys/timestamp.js';
import type { Queryable } from '../shared/index.js';
import type { DeliveryRequest } from './types.js';

interface Sought {
  readonly subjectId: string;
  readonly channel: string;
  /** ms since epoch */
  readonly since: number;
}

/** Without the delivery that asks: its own place is not taken from it. */
export async function readSends(
  client: Queryable,
  request: Pick<DeliveryRequest, 'workspaceId' | 'key'>,
  { subjectId, channel, since }: Sought,
): Promise<readonly CountedSend[]> {
  const { rows } = await client.query<{ class: string; at: number }>({
    name: 'read-sends',
    text: SENDS,
    values: [request.workspaceId, subjectId, channel, request.key, timestampText(since)],
  });
  return rows.map((row) => ({ channel, class: row.class, at: row.at }));
}

/**
 * A reservation with an attempt holds its place as if it went out now; one that is kept back by a stop, quiet hours or a cap holds
 * none. Settled rows lie in the index by their end, which comes after their beginning, so nothing in the window is missed.
 */
const SENDS = `
  select coalesce(class, 'marketing') as class, case when state = 'reserved' then clock_timestamp() else coalesce(sending_at, reserved_at) end as at
    from delivery
   where workspace_id = $1 and subject_id = $2 and channel = $3 and delivery_key <> $4
     and (settled_at is null or settled_at > $5::timestamptz)
     and (state in ('sending', 'accepted', 'unknown') and coalesce(sending_at, reserved_at) > $5::timestamptz
       or state = 'reserved' and attempt_token is not null and blocked_by is null)`;
