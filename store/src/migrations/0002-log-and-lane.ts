import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The event log (what sources sent, as sent, by position), the lane that works it off, and what guards both.
 *
 * Positions are dense per workspace and drawn from \`lane_append\`, whose row lock is the append lock: one UPDATE takes the lock,
 * stamps the never-decreasing clock and draws the positions, so position order is commit order (docs/decisions/0003).
 */
export class LogAndLane0002 implements MigrationInterface {
  readonly name = 'LogAndLane1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function ensure_partitions(int);
      drop table outbox, revocation_pending, quarantine, message_seen, event_log, lane, lane_append;
    `);
  }
}

const UP = `
  -- Updated once per flush, as the last lock before commit. Separate from lane, so that appending never waits for a batch.
  create table lane_append (
    workspace_id uuid primary key references workspace,
    position bigint not null default 0,
    clock timestamptz not null default clock_timestamp()
  ) with (fillfactor = 50);

  -- position, clock: how far the log is applied. A holder commits only while its epoch stands (fencing).
  create table lane (
    workspace_id uuid primary key references workspace,
    epoch bigint not null default 0,
    position bigint not null default 0,
    clock timestamptz not null default '-infinity',
    -- set while the lane refuses to go on (our bug): shown by /readyz, cleared by an operator
    stopped_reason text,
    duplicates bigint not null default 0,
    applied_events bigint not null default 0
  ) with (fillfactor = 50);

  -- kind http: body is the request as received, endpoint its call (track, batch, ...).
  -- kind internal: body is a JSON array of our own events, addressed by customer id, with hop.
  -- kind definitions: something was published, paused or stopped; the lane reloads at exactly this position.
  -- kind tick: no body; moves the lane clock past a deadline.
  create table event_log (
    workspace_id uuid not null,
    position bigint not null,
    clock timestamptz not null,
    kind text not null check (kind in ('http', 'internal', 'definitions', 'tick')),
    endpoint text,
    source_key text,
    events int not null default 1,
    hop smallint not null default 0,
    body text,
    primary key (workspace_id, position, clock)
  ) partition by range (clock);

  -- De-duplication: same id and fingerprint is dropped and counted, same id with another body goes to quarantine.
  create table message_seen (
    workspace_id uuid not null,
    message_id text not null,
    fingerprint uuid not null,
    seen_at timestamptz not null,
    primary key (workspace_id, message_id, seen_at)
  ) partition by range (seen_at);

  create table quarantine (
    workspace_id uuid not null,
    quarantine_id uuid not null,
    position bigint not null,
    ordinal int not null,
    source_key text,
    endpoint text,
    -- closed list: domain/ingestion RejectionCode
    code text not null,
    detail text not null,
    -- the event's own text, cut out of the body: numbers and escapes as they were sent
    body text not null,
    received_at timestamptz not null,
    state text not null default 'open' check (state in ('open', 'replayed', 'discarded')),
    primary key (workspace_id, quarantine_id)
  );
  create index quarantine_open on quarantine (workspace_id, received_at desc) where state = 'open';

  -- Written by the append that carries a revocation, cleared by the lane: reservations probe it in between.
  -- identifier_hash: sha256 of type:value, or of customer:<id> where the revocation names a customer.
  create table revocation_pending (
    workspace_id uuid not null,
    position bigint not null,
    identifier_hash bytea not null,
    purpose text not null,
    channel text not null,
    primary key (workspace_id, identifier_hash, purpose, channel, position)
  );

  -- Starts and wakes only, in order per workflow, deleted when done.
  create table outbox (
    workspace_id uuid not null,
    outbox_id bigint generated always as identity (cache 1),
    -- the relay makes the workflow id of the two, by the one function of the contract
    enrolment_id uuid not null,
    journey_key text not null,
    kind text not null check (kind in ('start', 'restart', 'wake')),
    generation int not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    leased_until timestamptz not null default '-infinity',
    attempts int not null default 0,
    primary key (outbox_id)
  );
  create index outbox_workflow on outbox (enrolment_id, outbox_id);

  create function ensure_partitions(days_ahead int) returns void language plpgsql as $$
  declare parent text; day date;
  begin
    perform pg_advisory_xact_lock(7301, 1);
    foreach parent in array array['event_log', 'message_seen', 'event'] loop
      for offset_days in -1 .. days_ahead loop
        day := (now() at time zone 'utc')::date + offset_days;
        if to_regclass(format('%I', parent || '_' || to_char(day, 'YYYYMMDD'))) is null then
          execute format('create table %I partition of %I for values from (%L) to (%L)',
            parent || '_' || to_char(day, 'YYYYMMDD'), parent,
            day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
        end if;
      end loop;
    end loop;
  end $$;
`;
