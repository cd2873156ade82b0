/** What came of an attempt: the row gets its end, and the log an event of ours, so that journeys, segments and people see it. */
import { assertNever } from '@throughline/domain/shared';
import { appendInternal } from '../ingestion/append.js';
import { SubjectMoved, underCustomerLock } from '../journeys/customer-lock.js';
import type { EnginePool } from '../journeys/types.js';
import { inWorkspace, type Queryable } from '../shared/index.js';
import { eventOf, HOP, type Origin } from './delivery-events.js';
import type { Settlement, Ticket } from './types.js';

/** False when the row had found its end without us: a late word changes it only if the word is that the message was accepted. */
export async function settleDelivery(
  pool: EnginePool,
  ticket: Ticket,
  settlement: Settlement,
): Promise<boolean> {
  const { request } = ticket;
  return underCustomerLock(pool, request, async (client, subjectId) => {
    const settled = await writeEnd(client, ticket, settlement);
    if (settled === null) return false;
    if (settled.subject_id !== subjectId) throw new SubjectMoved();
    const event = eventOf(ticket, settlement, settled);
    // Last: this takes the append lock, which nobody may hold while waiting for another.
    if (event !== null) await appendInternal(client, request.workspaceId, [event]);
    return true;
  });
}

interface Settled extends Origin {
  readonly subject_id: string;
}

async function writeEnd(
  client: Queryable,
  ticket: Ticket,
  settlement: Settlement,
): Promise<Settled | null> {
  const { request, attemptToken } = ticket;
  const { reason, detail } = wordsOf(settlement);
  const isAccepted = settlement.state === 'accepted';
  const { rows } = await client.query<Settled>({
    name: 'settle-delivery',
    text: SETTLE,
    values: [
      request.workspaceId,
      request.key,
      attemptToken,
      settlement.state,
      reason,
      detail,
      isAccepted ? (settlement.providerId ?? null) : null,
      isAccepted && settlement.response !== undefined ? JSON.stringify(settlement.response) : null,
    ],
  });
  return rows[0] ?? null;
}

/**
 * The attempt that holds the row may settle it; an acceptance counts whoever brings it, while the end is open or unknown. The hop
 * is that of the trigger: how many times our own events have led to one another.
 */
const SETTLE = `
  update delivery d
     set state = $4, reason = $5, detail = $6, provider_id = $7, response = $8, blocked_by = null, settled_at = clock_timestamp()
    from enrolment e
   where d.workspace_id = $1 and d.delivery_key = $2 and e.workspace_id = $1 and e.enrolment_id = d.enrolment_id
     and ((d.attempt_token = $3 and (d.state = 'sending' or d.state = 'reserved' and $4 in ('failed', 'skipped')))
       or ($4 = 'accepted' and d.state in ('sending', 'unknown')))
  returning e.subject_id, e.customer_id, d.settled_at,
    ${HOP} as hop`;

function wordsOf(settlement: Settlement): { reason: string | null; detail: string | null } {
  switch (settlement.state) {
    case 'accepted':
      return { reason: null, detail: null };
    case 'skipped':
      return { reason: settlement.reason, detail: settlement.detail ?? null };
    case 'failed':
      return { reason: settlement.code, detail: settlement.detail ?? null };
    case 'unknown':
      return { reason: settlement.code, detail: null };
    default:
      return assertNever(settlement);
  }
}

/** In a transaction of its own: a connection is shared, and nobody may hold a customer while waiting for it. */
export async function noteConnectionHealth(
  pool: EnginePool,
  workspaceId: string,
  health: { readonly connectionKey: string; readonly code: string | null },
): Promise<void> {
  await inWorkspace(pool, workspaceId, (client) =>
    client.query(
      `insert into connection_health (workspace_id, connection_key, state, code)
       values ($1, $2, case when $3::text is null then 'ok' else 'needs_attention' end, $3)
       on conflict (workspace_id, connection_key) do update
          set state = excluded.state, code = excluded.code, at = clock_timestamp()
        where connection_health.state <> 'disabled' and connection_health.code is distinct from excluded.code`,
      [workspaceId, health.connectionKey, health.code],
    ),
  );
}
