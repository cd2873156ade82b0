/** The SQL of a batch. JSON recordsets, because they cost the client least and allow ON CONFLICT. */
const CHANGE_COLUMNS =
  'customer_id uuid, purpose text, channel text, state text, previous text, event_time timestamptz, position bigint, ordinal int, source_key text';
const MEMBERSHIP_COLUMNS =
  'customer_id uuid, position bigint, ordinal int, segment_key text, version int, change text, at timestamptz, clock timestamptz';
const OUTBOX_COLUMNS = 'enrolment_id uuid, journey_key text';

/** Stands between documents that travel as one text: JSON escapes control characters, so no document holds it. */
export const SEPARATOR = '\u001e';
const BETWEEN = "E'\\x1e'";

/**
 * One statement per table; `$1` the workspace, `$2` the rows as one JSON array. The documents of wide rows are texts of their own
 * (`$3`, `$4`), so that they are read once and not as JSON inside JSON.
 */
export const STATEMENTS = {
  customers: `
    insert into customer as c (workspace_id, customer_id, created_at, first_position, first_ordinal, applied_position, merged_into, traits, facts)
    select $1, r.customer_id, r.created_at, r.first_position, r.first_ordinal, r.applied_position, r.merged_into, r.traits::jsonb, r.facts::json
      from rows from (json_to_recordset($2::json) as (customer_id uuid, created_at timestamptz, first_position bigint,
        first_ordinal int, applied_position bigint, merged_into uuid), string_to_table($3, ${BETWEEN}), string_to_table($4, ${BETWEEN}))
        as r(customer_id, created_at, first_position, first_ordinal, applied_position, merged_into, traits, facts)
    on conflict (workspace_id, customer_id) do update
       set traits = excluded.traits, facts = excluded.facts, applied_position = excluded.applied_position, merged_into = excluded.merged_into`,
  applied: `
    update customer c set applied_position = r.applied_position
      from json_to_recordset($2::json) as r(customer_id uuid, applied_position bigint)
     where c.workspace_id = $1 and c.customer_id = r.customer_id`,
  seen: `
    insert into message_seen (workspace_id, message_id, fingerprint, seen_at)
    select $1, r.* from json_to_recordset($2::json) as r(message_id text, fingerprint uuid, seen_at timestamptz)`,
  events: `
    insert into event (workspace_id, customer_id, position, ordinal, clock, event_time, original_time, message_id, type, name, source_key, hop, body)
    select $1, r.customer_id, r.position, r.ordinal, r.clock, r.event_time, r.original_time, r.message_id, r.type, r.name, r.source_key, r.hop,
           r.body::jsonb
      from rows from (json_to_recordset($2::json) as (customer_id uuid, position bigint, ordinal int, clock timestamptz,
        event_time timestamptz, original_time timestamptz, message_id text, type text, name text, source_key text, hop smallint),
        string_to_table($3, ${BETWEEN}))
        as r(customer_id, position, ordinal, clock, event_time, original_time, message_id, type, name, source_key, hop, body)`,
  quarantine: `
    insert into quarantine (workspace_id, quarantine_id, position, ordinal, source_key, endpoint, code, detail, body, received_at)
    select $1, r.* from json_to_recordset($2::json) as r(quarantine_id uuid, position bigint, ordinal int, source_key text,
      endpoint text, code text, detail text, body text, received_at timestamptz)`,
  traitChanges: `
    insert into trait_change (workspace_id, customer_id, position, ordinal, name, value, previous, event_time, source_key)
    select $1, r.* from json_to_recordset($2::json) as r(customer_id uuid, position bigint, ordinal int, name text, value jsonb,
      previous jsonb, event_time timestamptz, source_key text)`,
  identifiers: `
    with added as (
      insert into identifier (workspace_id, type, value, customer_id, origin_id, first_seen_at)
      select $1, r.type, r.value, r.customer_id, r.origin_id, r.at
        from json_to_recordset($2::json) as r(type text, value text, customer_id uuid, origin_id uuid, at timestamptz)
    )
    insert into identifier_change (workspace_id, position, ordinal, type, value, change, to_customer_id, at)
    select $1, r.position, r.ordinal, r.type, r.value, 'added', r.customer_id, r.at
      from json_to_recordset($2::json) as r(type text, value text, customer_id uuid, at timestamptz, position bigint, ordinal int)`,
  consents: `
    insert into consent as c (workspace_id, customer_id, purpose, channel, state, event_time, position, ordinal, source_key)
    select $1, r.customer_id, r.purpose, r.channel, r.state, r.event_time, r.position, r.ordinal, r.source_key
      from json_to_recordset($2::json) as r(${CHANGE_COLUMNS})
    on conflict (workspace_id, customer_id, purpose, channel) do update
       set state = excluded.state, event_time = excluded.event_time, position = excluded.position,
           ordinal = excluded.ordinal, source_key = excluded.source_key`,
  consentChanges: `
    insert into consent_change (workspace_id, customer_id, purpose, channel, state, previous, event_time, position, ordinal, source_key)
    select $1, r.* from json_to_recordset($2::json) as r(${CHANGE_COLUMNS})`,
  suppressions: `
    insert into suppression (workspace_id, channel, address_hash, reason, at, position)
    select $1, r.channel, decode(r.address_hash, 'hex'), r.reason, r.at, r.position
      from json_to_recordset($2::json) as r(channel text, address_hash text, reason text, at timestamptz, position bigint)
    on conflict do nothing`,
  membershipChanges: `
    insert into segment_membership_change (workspace_id, customer_id, position, ordinal, segment_key, version, change, at, clock)
    select $1, r.* from json_to_recordset($2::json) as r(${MEMBERSHIP_COLUMNS})`,
  memberships: `
    with r as (select * from json_to_recordset($2::json) as r(${MEMBERSHIP_COLUMNS})),
    gone as (
      delete from segment_membership m using r
       where m.workspace_id = $1 and m.customer_id = r.customer_id and m.segment_key = r.segment_key and r.change = 'left'
    )
    insert into segment_membership (workspace_id, customer_id, segment_key, version, since, position, ordinal)
    select $1, customer_id, segment_key, version, at, position, ordinal from r where change = 'entered'
    on conflict (workspace_id, customer_id, segment_key) do update
       set version = excluded.version, since = excluded.since, position = excluded.position, ordinal = excluded.ordinal`,
  enrolments: `
    insert into enrolment (workspace_id, enrolment_id, journey_key, version, customer_id, subject_id, entry_key, state, run_state, trigger,
      entered_at, entered_position, entered_ordinal, consumed_position, consumed_ordinal, consumed_clock)
    select $1, r.enrolment_id, r.journey_key, r.version, r.customer_id, r.subject_id, r.entry_key, 'active', r.run_state, r.trigger,
      r.clock, r.position, r.ordinal, r.position, r.ordinal, '-infinity'
      from json_to_recordset($2::json) as r(enrolment_id uuid, journey_key text, version int, customer_id uuid, subject_id uuid,
        entry_key text, run_state jsonb, trigger jsonb, clock timestamptz, position bigint, ordinal int)`,
  exits: `
    update enrolment e set exit_request = r.exit_request, updated_at = clock_timestamp()
      from json_to_recordset($2::json) as r(enrolment_id uuid, exit_request jsonb)
     where e.workspace_id = $1 and e.enrolment_id = r.enrolment_id and e.exit_request is null`,
  waits: `
    update wait w set deadline = r.deadline, restarts = r.restarts, fired = r.fired
      from json_to_recordset($2::json) as r(enrolment_id uuid, seq int, deadline timestamptz, restarts int, fired jsonb)
     where w.workspace_id = $1 and w.enrolment_id = r.enrolment_id and w.seq = r.seq`,
  goals: `
    insert into goal_conversion (workspace_id, enrolment_id, goal_id, journey_key, position, ordinal, at)
    select $1, r.* from json_to_recordset($2::json) as r(enrolment_id uuid, goal_id text, journey_key text, position bigint, ordinal int, at timestamptz)
    on conflict do nothing`,
  groups: `
    insert into customer_group as g (workspace_id, group_id, traits, first_seen_at)
    select $1, r.* from json_to_recordset($2::json) as r(group_id text, traits jsonb, at timestamptz)
    on conflict (workspace_id, group_id) do update
       set traits = g.traits || (
         select coalesce(jsonb_object_agg(n.key, n.value), '{}') from jsonb_each(excluded.traits) n
          where coalesce((g.traits -> n.key ->> 't')::float8, '-infinity') <= (n.value ->> 't')::float8)`,
  starts: `
    insert into outbox (workspace_id, enrolment_id, journey_key, kind)
    select $1, r.*, 'start' from json_to_recordset($2::json) as r(${OUTBOX_COLUMNS})`,
  built: `
    insert into segment_built (workspace_id, position, customer_id)
    select $1, r.* from json_to_recordset($2::json) as r(position bigint, customer_id uuid)`,
  wakes: `
    insert into outbox (workspace_id, enrolment_id, journey_key, kind)
    select $1, r.*, 'wake' from json_to_recordset($2::json) as r(${OUTBOX_COLUMNS})`,
} as const;
