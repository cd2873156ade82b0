/** Statements that move a delivery from one state to the next; each compares what it expects and sets what follows. */
import { classOf } from '@throughline/domain/journeys';
import type { Queryable } from '../shared/index.js';
import { timestampText } from '../journeys/timestamp.js';
import type { Guarded } from './guards.js';
import { addressHash } from './hashes.js';
import type { DeliveryRequest } from './types.js';

interface Reserving {
  readonly request: DeliveryRequest;
  readonly guarded: Guarded;
  readonly connector: string;
  /** ways that were passed over on the way to this one */
  readonly passed: readonly Tried[];
}

export interface NewState {
  readonly state: 'reserved' | 'sending' | 'accepted' | 'failed' | 'unknown' | 'skipped';
  readonly reason?: string;
  readonly detail?: string;
  readonly attemptToken?: string;
  readonly blockedBy?: string;
  readonly blockedUntil?: number;
}

/** A way that certainly sent nothing, as the row keeps it in mind. */
export interface Tried {
  readonly route: number;
  readonly connection: string;
  readonly channel: string;
  readonly reason: string;
}

/** The customer's lock keeps two reservations of one delivery apart, so the row may simply be overwritten. */
export async function writeReservation(
  client: Queryable,
  { request, guarded, connector, passed }: Reserving,
  to: NewState,
): Promise<void> {
  const { row, step, channel, purpose, expiresAt, address } = guarded;
  await client.query({
    name: 'write-reservation',
    text: RESERVE,
    values: [
      request.workspaceId,
      request.key,
      request.enrolmentId,
      row.journey_key,
      row.version,
      request.step,
      request.visit,
      row.subject_id,
      guarded.connection,
      connector,
      step.kind === 'message' ? (row.command_action ?? 'send') : step.action,
      channel,
      purpose,
      to.state,
      to.reason ?? null,
      to.attemptToken ?? null,
      to.blockedBy ?? null,
      timestampText(expiresAt),
      to.attemptToken === undefined ? 0 : 1,
      step.kind === 'message' ? classOf(step) : null,
      instantOrNull(to.blockedUntil),
      guarded.route,
      JSON.stringify(passed),
      channel === null || address === null ? null : addressHash(channel, address),
    ],
  });
}

const RESERVE = `
  insert into delivery (workspace_id, delivery_key, enrolment_id, journey_key, version, step_id, visit, subject_id, connection_key,
                        connector_key, action, channel, purpose, state, reason, attempt_token, blocked_by, expires_at, attempts, class, blocked_until,
                        route, tried, address_hash, settled_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21::timestamptz, $22, $23::jsonb, $24,
          case when $14 in ('reserved', 'sending') then null else clock_timestamp() end)
  on conflict (workspace_id, delivery_key) do update
     set state = excluded.state, reason = excluded.reason, attempt_token = excluded.attempt_token, blocked_by = excluded.blocked_by,
         blocked_until = excluded.blocked_until, class = excluded.class, connection_key = excluded.connection_key,
         action = excluded.action, channel = excluded.channel, purpose = excluded.purpose, route = excluded.route,
         tried = delivery.tried || excluded.tried, address_hash = excluded.address_hash,
         subject_id = excluded.subject_id, connector_key = excluded.connector_key, attempts = delivery.attempts + excluded.attempts,
         settled_at = excluded.settled_at`;

/** By the attempt that holds the row only. */
export async function writeState(
  client: Queryable,
  { request, attemptToken }: { readonly request: DeliveryRequest; readonly attemptToken: string },
  to: NewState,
): Promise<void> {
  await client.query({
    name: 'write-delivery-state',
    text: `update delivery
              set state = $4, reason = $5, detail = $6, blocked_by = $7, blocked_until = $8::timestamptz,
                  sending_at = case when $4 = 'sending' then clock_timestamp() else sending_at end,
                  settled_at = case when $4 in ('reserved', 'sending') then null else clock_timestamp() end
            where workspace_id = $1 and delivery_key = $2 and attempt_token = $3 and state in ('reserved', 'sending')`,
    values: [
      request.workspaceId,
      request.key,
      attemptToken,
      to.state,
      to.reason ?? null,
      to.detail ?? null,
      to.blockedBy ?? null,
      instantOrNull(to.blockedUntil),
    ],
  });
}

/** Nothing was sent this way: the row waits on the next one, free to be reserved by whoever comes. False: another attempt has it. */
export async function writeMove(
  client: Queryable,
  { request, attemptToken }: { readonly request: DeliveryRequest; readonly attemptToken: string },
  { to, tried }: { readonly to: number; readonly tried: Tried },
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'move-delivery',
    text: `update delivery
              set state = 'reserved', route = $4, tried = tried || $5::jsonb, attempt_token = null, reason = null, detail = null,
                  blocked_by = null, blocked_until = null, sending_at = null
            where workspace_id = $1 and delivery_key = $2 and attempt_token = $3 and state in ('reserved', 'sending') and route = $6`,
    values: [
      request.workspaceId,
      request.key,
      attemptToken,
      to,
      JSON.stringify([tried]),
      tried.route,
    ],
  });
  return (rowCount ?? 0) > 0;
}

function instantOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : timestampText(ms);
}
