import type pg from 'pg';
import { CONSENT_CHANGED, type ConsentAssertion } from '@throughline/domain/consent';
import { appendInternal, hashRef, LANE_CHANNEL } from '../ingestion/index.js';
import { inTransaction, newId } from '../shared/index.js';

export interface ConsentWords {
  readonly workspaceId: string;
  readonly customerId: string;
  readonly words: readonly ConsentAssertion[];
}

/**
 * A person's words, or an operator's for them, as inputs of the log. What is taken back counts from this commit on, whether the lane
 * has come to it or not. The pool runs as tl_ingest. Answers the position.
 */
export async function appendConsents(
  door: pg.Pool,
  { workspaceId, customerId, words }: ConsentWords,
  now: number,
): Promise<number> {
  const position = await inTransaction(door, async (client) => {
    await appendInternal(
      client,
      workspaceId,
      words.map(({ purpose, channel, state }) => ({
        messageId: `consent-${newId(now)}`,
        type: 'track',
        name: CONSENT_CHANGED,
        customerId,
        at: now,
        properties: { purpose, channel, state },
        hop: 0,
      })),
    );
    // The append lock is held since the draw above, so the position is the one just written.
    const taken = words.filter(({ state }) => state !== 'granted');
    await client.query(
      `insert into revocation_pending (workspace_id, position, identifier_hash, purpose, channel)
       select a.workspace_id, a.position, $2, r.purpose, r.channel
         from lane_append a, json_to_recordset($3::json) as r(purpose text, channel text) where a.workspace_id = $1
       on conflict do nothing`,
      [workspaceId, hashRef('customer', customerId), JSON.stringify(taken)],
    );
    const { rows } = await client.query<{ position: number }>(
      'select position from lane_append where workspace_id = $1',
      [workspaceId],
    );
    return rows[0]?.position ?? 0;
  });
  // A hint only: the lane polls as well.
  await door.query('select pg_notify($1, $2)', [LANE_CHANNEL, '']).catch(() => undefined);
  return position;
}
