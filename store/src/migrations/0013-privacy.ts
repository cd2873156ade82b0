import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Erasure, tombstones and retention. `tl_privacy` serves every workspace, like the lane and the relay: it rewrites what was written
 * down before anybody was recognised in it (log bodies, quarantine, rows of files) and drops what is old. What the lane owns, the
 * lane deletes.
 */
export class Privacy0013 implements MigrationInterface {
  readonly name = 'Privacy1764000000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ROLE);
    await runner.query(TABLES);
    for (const table of SCOPED) {
      await runner.query(`
        alter table ${table} enable row level security;
        alter table ${table} force row level security;
        create policy one_workspace on ${table} for all to tl_app, tl_engine
          using (workspace_id = current_workspace()) with check (workspace_id = current_workspace());
        create policy every_workspace on ${table} for all to tl_lane, tl_relay, tl_privacy using (true) with check (true);
      `);
    }
    for (const table of REACHED) {
      await runner.query(
        `create policy privacy on ${table} for all to tl_privacy using (true) with check (true)`,
      );
    }
    await runner.query(PARTITIONS);
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('revoke all on all tables in schema public from tl_privacy');
    await runner.query('drop function drop_partition(text, date), keep_partitions(int)');
    for (const table of REACHED) await runner.query(`drop policy privacy on ${table}`);
    await runner.query(`
      revoke select, delete on operator_request, reconcile_proposal from tl_lane;
      revoke insert, delete on suppression from tl_app;
      drop table tombstone, tombstone_salt, erasure_run, erasure_identifier, erasure_person, erasure;
    `);
  }
}

const ROLE = `
  do $$
  begin
    if not exists (select from pg_roles where rolname = 'tl_privacy') then
      -- Two databases of one server may be migrated at once: the loser finds the role made.
      begin create role tl_privacy nologin;
      exception when duplicate_object or unique_violation then null; end;
    end if;
    if not pg_has_role(current_user, 'tl_privacy', 'member') then
      grant tl_privacy to current_user;
    end if;
  end $$;
`;

const SCOPED = [
  'erasure',
  'erasure_person',
  'erasure_identifier',
  'erasure_run',
  'tombstone',
  'tombstone_salt',
];

/** Tables of before with row-level security, of which tl_privacy sees every workspace. */
const REACHED = [
  'workspace',
  'lane',
  'lane_append',
  'quarantine',
  'idempotent_answer',
  'audit_log',
  'enrolment',
  'trail',
  'outbox',
  'definition',
  'connection_secret',
  'import',
  'import_chunk',
  'import_reject',
];

const TABLES = `
  -- One request to forget a person. requested: the lane has not come to it. closing: the profile is gone, runs are leaving.
  -- clearing: enrolments and deliveries are gone too, texts are being rewritten. done: the certificate says what was done.
  create table erasure (
    workspace_id uuid not null references workspace,
    erase_id uuid not null,
    -- whom the request named; a reference to nobody once it is done
    customer_id uuid not null,
    reason text,
    requested_by text not null,
    requested_at timestamptz not null default clock_timestamp(),
    state text not null default 'requested' check (state in ('requested', 'closing', 'clearing', 'done')),
    -- where and when the lane took the profile away: inputs at or before it are of the person that was
    begun_position bigint,
    begun_clock timestamptz,
    cleared_position bigint,
    -- rows deleted or rewritten, by place
    counts jsonb not null default '{}',
    -- connection key → what became of telling it
    destinations jsonb not null default '{}',
    certificate jsonb,
    certificate_hash text,
    finished_at timestamptz,
    primary key (workspace_id, erase_id)
  ) with (fillfactor = 70);
  create unique index erasure_under_way on erasure (workspace_id, customer_id) where state <> 'done';
  create index erasure_open on erasure (requested_at) where state <> 'done';

  -- The person's profiles, those that had become one included.
  create table erasure_person (
    workspace_id uuid not null,
    erase_id uuid not null,
    customer_id uuid not null,
    primary key (workspace_id, erase_id, customer_id)
  );
  create index erasure_person_customer on erasure_person (workspace_id, customer_id);

  -- What texts are searched for; emptied when the erasure is done.
  create table erasure_identifier (
    workspace_id uuid not null,
    erase_id uuid not null,
    type text not null,
    value text not null,
    primary key (workspace_id, erase_id, type, value)
  );

  -- Runs whose histories are to be deleted; emptied one by one.
  create table erasure_run (
    workspace_id uuid not null,
    erase_id uuid not null,
    enrolment_id uuid not null,
    journey_key text not null,
    primary key (workspace_id, erase_id, enrolment_id)
  );

  -- hash: sha256 of the workspace's salt and type:value of an identifier, customer:<id>, or message:<id of an event>.
  -- An event that names one is of the person that was if it happened, or was handed in, no later than erased_at.
  create table tombstone (
    workspace_id uuid not null,
    hash bytea not null,
    erased_at timestamptz not null,
    primary key (workspace_id, hash)
  );
  create table tombstone_salt (
    workspace_id uuid primary key references workspace,
    salt bytea not null
  );
`;

/** Partitions belong to the owner of the schema; the two functions lend no more of that than what they do. */
const PARTITIONS = `
  create function keep_partitions(days_ahead int) returns void language sql security definer set search_path = public
    as $$ select ensure_partitions(least(days_ahead, 60)) $$;

  create function drop_partition(parent text, day date) returns boolean language plpgsql security definer set search_path = public as $$
  declare partition text := parent || '_' || to_char(day, 'YYYYMMDD');
  begin
    if parent not in ('event_log', 'message_seen', 'event') then raise exception 'not a partitioned table: %', parent; end if;
    if day >= (now() at time zone 'utc')::date - 1 then raise exception 'too young to be dropped: %', partition; end if;
    if to_regclass(format('%I', partition)) is null then return false; end if;
    -- Inserts queue behind the lock that this waits for: better not today than everybody late.
    set local lock_timeout = '1s';
    execute format('drop table %I', partition);
    return true;
  end $$;
  revoke all on function keep_partitions(int), drop_partition(text, date) from public;
  grant execute on function keep_partitions(int), drop_partition(text, date) to tl_privacy;
`;

const GRANTS = `
  grant select, insert on erasure to tl_app;
  grant select on erasure_run to tl_app;
  grant select on erasure to tl_relay;
  grant select, insert, update, delete on erasure_person, erasure_identifier, erasure_run, tombstone, tombstone_salt to tl_lane;
  grant select, update on erasure to tl_lane;
  grant select, delete on operator_request, reconcile_proposal to tl_lane;
  grant insert, delete on suppression to tl_app;

  grant select, update on erasure to tl_privacy;
  grant select, delete on erasure_person, erasure_identifier, erasure_run to tl_privacy;
  grant select on workspace, lane, lane_append, enrolment, outbox, definition, connection_secret to tl_privacy;
  grant select, update on event_log to tl_privacy;
  grant insert on event_log to tl_privacy;
  grant update on lane_append to tl_privacy;
  grant select, delete on quarantine, idempotent_answer, import_reject, trail to tl_privacy;
  grant select, update on audit_log, import_chunk, import to tl_privacy;
`;
