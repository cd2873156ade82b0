import type pg from 'pg';
import { appendInternal, hashRef, LANE_CHANNEL } from '../ingestion/index.js';
import { inTransaction, newId } from '../shared/index.js';
import type { UnsubscribeClaim } from './unsubscribe-token.js';

/**
 * Appends `Message Unsubscribed` and, in the same transaction, the pending revocation that reservations probe until the lane
 * has applied it: from this commit on nothing is sent. The pool runs as tl_ingest. Saying it twice changes nothing.
 */
export async function appendUnsubscribe(
  door: pg.Pool,
  claim: UnsubscribeClaim,
  now: number,
): Promise<void> {
  const { workspaceId, customerId, purpose, channel } = claim;
  await inTransaction(door, async (client) => {
    await appendInternal(client, workspaceId, [
      {
        messageId: `unsubscribe-${newId(now)}`,
        type: 'track',
        name: 'Message Unsubscribed',
        customerId,
        at: now,
        properties: { purpose, channel },
        hop: 0,
      },
    ]);
    // The append lock is held since the draw above, so the position is the one just written.
    await client.query(
      `insert into revocation_pending (workspace_id, position, identifier_hash, purpose, channel)
       select workspace_id, position, $2, $3, $4 from lane_append where workspace_id = $1`,
      [workspaceId, hashRef('customer', customerId), purpose, channel],
    );
  });
  // A hint only: the lane polls as well.
  await door.query('select pg_notify($1, $2)', [LANE_CHANNEL, '']).catch(() => undefined);
}
