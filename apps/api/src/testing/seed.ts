import type pg from 'pg';
import { newId } from '@throughline/store/shared';

/** Rows that only lane and engine write, for tests of what the API reads. All of them belong to one customer. */
export interface Seeded {
  readonly customer: string;
  readonly absorbed: string;
  readonly enrolment: string;
  readonly ended: string;
  readonly deliveryKey: string;
  readonly quarantined: string;
}

export interface SeedOptions {
  readonly journey?: string;
  readonly connection?: string;
  readonly email?: string;
}

const T = `timestamptz '2026-01-02 03:04:05.678Z'`;

export async function seedCustomer(
  sql: pg.Client,
  workspaceId: string,
  { journey = 'cart', connection = 'mail', email = 'ada@example.com' }: SeedOptions = {},
): Promise<Seeded> {
  const seeded: Omit<Seeded, 'deliveryKey'> = {
    customer: newId(),
    absorbed: newId(),
    enrolment: newId(),
    ended: newId(),
    quarantined: newId(),
  };
  await seedProfile(sql, workspaceId, { ...seeded, email });
  const deliveryKey = await seedJourney(sql, workspaceId, { ...seeded, journey, connection });
  await sql.query(
    `insert into quarantine (workspace_id, quarantine_id, position, ordinal, source_key, endpoint, code, detail, body, received_at)
     values ($1, $2, 5, 0, 'web', 'batch', 'missing_event_name', 'event is missing', '{"type":"track","userId":"u-1","messageId":"bad-1"}', ${T})`,
    [workspaceId, seeded.quarantined],
  );
  return { ...seeded, deliveryKey };
}

async function seedProfile(
  sql: pg.Client,
  workspaceId: string,
  { customer, absorbed, email }: Pick<Seeded, 'customer' | 'absorbed'> & { email: string },
): Promise<void> {
  const traits = JSON.stringify({ name: { v: 'Ada', t: 1_767_323_045_678, p: 1, o: 0, s: 'web' } });
  await sql.query(
    `insert into customer (workspace_id, customer_id, created_at, first_position, first_ordinal, traits, applied_position, merged_into)
     values ($1, $2, ${T}, 1, 0, $4, 7, null), ($1, $3, ${T}, 2, 0, '{}', 3, $2)`,
    [workspaceId, customer, absorbed, traits],
  );
  await sql.query(
    `insert into identifier (workspace_id, type, value, customer_id, origin_id, first_seen_at) values ($1, 'email', $3, $2, $2, ${T}), ($1, 'user_id', 'u-1', $2, $2, ${T})`,
    [workspaceId, customer, email],
  );
  await sql.query(
    `insert into consent (workspace_id, customer_id, purpose, channel, state, event_time, position, ordinal, source_key)
     values ($1, $2, 'marketing', 'email', 'granted', ${T}, 1, 0, 'web')`,
    [workspaceId, customer],
  );
  await sql.query(
    `insert into consent_change (workspace_id, customer_id, position, ordinal, purpose, channel, state, previous, event_time, source_key)
     values ($1, $2, 1, 0, 'marketing', 'email', 'granted', null, ${T}, 'web')`,
    [workspaceId, customer],
  );
  await sql.query(
    `insert into segment_membership (workspace_id, customer_id, segment_key, version, since, position, ordinal)
     values ($1, $2, 'vip', 1, ${T}, 1, 0)`,
    [workspaceId, customer],
  );
  await sql.query(
    `insert into suppression (workspace_id, channel, address_hash, reason, at)
     values ($1, 'email', sha256(convert_to('email:' || $2, 'UTF8')), 'hard_bounce', ${T}), ($1, 'email', sha256('x'), 'complaint', ${T})`,
    [workspaceId, email],
  );
  for (const [position, owner, name] of [
    [1, customer, 'Product Added'],
    [2, absorbed, 'Page Viewed'],
    [3, customer, 'Order Completed'],
  ]) {
    await sql.query(
      `insert into event (workspace_id, customer_id, position, ordinal, clock, event_time, message_id, type, name, source_key, body)
       values ($1, $2, $3, 0, now(), ${T}, $5, 'track', $4, 'web', '{"properties":{"cart_id":"c-1"}}')`,
      [workspaceId, owner, position, name, `m-${String(position)}`],
    );
  }
}

const TRIGGER = JSON.stringify({
  name: 'Product Added',
  properties: { cart_id: 'c-1' },
  eventTime: 1_767_323_045_678,
  messageId: 'm-1',
  ref: { position: 1, ordinal: 0, clock: 1_767_323_045_678 },
});

async function seedJourney(
  sql: pg.Client,
  workspaceId: string,
  seed: Pick<Seeded, 'customer' | 'enrolment' | 'ended'> & { journey: string; connection: string },
): Promise<string> {
  const { customer, enrolment, ended, journey, connection } = seed;
  const command = JSON.stringify({
    kind: 'wait',
    step: 'wait_a_day',
    visit: 1,
    deadline: 1_767_409_445_678,
    subscriptions: [],
    summary: 'wait',
  });
  const ids = [workspaceId, enrolment, ended, journey, customer];
  await sql.query(
    `insert into enrolment (workspace_id, enrolment_id, journey_key, version, customer_id, subject_id, entry_key, state, outcome, run_state,
       command, trigger, entered_at, entered_position, entered_ordinal, consumed_position, consumed_ordinal, consumed_clock, ended_at, seq)
     values ($1, $2, $4, 1, $5, $5, 'c-1', 'active', null, '{}', $6, $7, ${T}, 1, 0, 1, 0, ${T}, null, 2),
            ($1, $3, $4, 1, $5, $5, 'c-0', 'ended', 'completed', '{}', null, $7, ${T}, 1, 0, 1, 0, ${T}, ${T}, 3)`,
    [...ids, command, TRIGGER],
  );
  await sql.query(
    `insert into wait (workspace_id, enrolment_id, seq, step_id, deadline) values ($1, $2, 2, 'wait_a_day', ${T})`,
    [workspaceId, enrolment],
  );
  for (const [id, seq, entry, kind, step, detail] of [
    [enrolment, 1, 0, 'entered', null, {}],
    [enrolment, 2, 0, 'stepped', 'wait_a_day', {}],
    [enrolment, 2, 1, 'waiting', 'wait_a_day', {}],
    [ended, 1, 0, 'stepped', 'mail', {}],
    [ended, 1, 1, 'skipped', 'mail', { reason: 'no_consent' }],
    [ended, 2, 0, 'ended', null, { outcome: 'completed' }],
  ]) {
    await sql.query(
      `insert into trail (workspace_id, enrolment_id, seq, entry, journey_key, version, at, step_id, visit, kind, detail)
       values ($1, $2, $3, $4, $5, 1, ${T}, $6, 1, $7, $8)`,
      [workspaceId, id, seq, entry, journey, step, kind, detail],
    );
  }
  const deliveryKey = `${enrolment}:mail:1`;
  await sql.query(
    `insert into delivery (workspace_id, delivery_key, enrolment_id, journey_key, version, step_id, visit, subject_id, connection_key,
       connector_key, action, channel, purpose, state, blocked_by, expires_at)
     values ($1, $2, $3, $4, 1, 'mail', 1, $5, $6, 'smtp-email', 'send', 'email', 'marketing', 'reserved', 'stopped_workspace', now() + interval '1 hour')`,
    [workspaceId, deliveryKey, enrolment, journey, customer, connection],
  );
  return deliveryKey;
}
