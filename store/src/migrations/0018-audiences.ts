import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Audiences: how far each has followed the log, what its destination has been told of whom, and its runs. The destination keeps what
 * it was told by values, so those values are kept as well: a person can be taken out after they have changed, merged or been erased.
 */
export class Audiences0018 implements MigrationInterface {
  readonly name = 'Audiences1764000000018';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table audience_run, audience_member, audience_sync;
      drop index customer_merge_undone, consent_change_by_purpose;
      revoke select on segment_membership_change, consent_change, customer_merge, sending_stop from tl_relay;
    `);
  }
}

const UP = `
  create table audience_sync (
    workspace_id uuid not null references workspace,
    audience_key text not null,
    -- changes up to it have been looked at
    position bigint not null default 0,
    -- the version that a full run has followed; another one that is live asks for a full run
    version int,
    -- number of the next page that is claimed
    next_page int not null default 1,
    -- why the last run could not go on, as a code; runs begin by themselves no sooner than some minutes after it
    error text,
    error_at timestamptz,
    primary key (workspace_id, audience_key)
  ) with (fillfactor = 70);

  -- Who is in the audience, is to be, or would be if there were something to find them by.
  create table audience_member (
    workspace_id uuid not null,
    audience_key text not null,
    customer_id uuid not null,
    -- what the destination knows them by; null: nothing
    told jsonb,
    -- domain/destinations audienceKeys of told: by what two people can be one to the destination
    keys text[],
    -- what is expected to be due; looked at again when it is claimed. Null: nothing
    op text check (op in ('add', 'remove')),
    -- declared before it is sent: whatever dies in between, this page and no other is sent again
    page int,
    input jsonb,
    -- why the destination refused it; not tried again until something changes or somebody asks
    code text,
    attempts int not null default 0,
    erased boolean not null default false,
    primary key (workspace_id, audience_key, customer_id),
    check (page is null or (op is not null and input is not null))
  ) with (fillfactor = 70);
  create index audience_member_due on audience_member (workspace_id, audience_key, op, customer_id)
    where op is not null and code is null;
  create index audience_member_page on audience_member (workspace_id, audience_key) where page is not null;
  create index audience_member_failed on audience_member (workspace_id, audience_key) where code is not null;
  create index audience_member_erased on audience_member (workspace_id, customer_id) where erased;
  create index audience_member_keys on audience_member using gin (keys);
  create index audience_member_customer on audience_member (workspace_id, customer_id);

  create table audience_run (
    workspace_id uuid not null references workspace,
    run_id uuid not null,
    audience_key text not null,
    kind text not null check (kind in ('full', 'delta')),
    dry_run boolean not null default false,
    state text not null default 'asked' check (state in ('asked', 'running', 'done', 'stopped', 'failed')),
    version int,
    -- the part of the log that it looks at; a full run looks at everybody and goes on from there
    from_position bigint,
    to_position bigint,
    -- the last customer that was looked at; planned: there is none left
    cursor uuid,
    planned boolean not null default false,
    -- people by what became of them; failures: code → how many, and customers as samples
    counts jsonb not null default '{}',
    failures jsonb not null default '{}',
    -- of a dry run: what would be done to whom, first ones
    samples jsonb not null default '[]',
    error text,
    requested_by text not null,
    requested_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    primary key (workspace_id, run_id)
  ) with (fillfactor = 70);
  create unique index audience_run_open on audience_run (workspace_id, audience_key) where state in ('asked', 'running');
  create index audience_run_of on audience_run (workspace_id, audience_key, run_id);

  create index consent_change_by_purpose on consent_change (workspace_id, purpose, position);
  create index customer_merge_undone on customer_merge (workspace_id, undone_position) where undone_position is not null;

  do $$
  declare each text;
  begin
    foreach each in array array['audience_sync', 'audience_member', 'audience_run'] loop
      execute format('alter table %I enable row level security', each);
      execute format('alter table %I force row level security', each);
      execute format('create policy one_workspace on %I for all to tl_app, tl_engine
        using (workspace_id = current_workspace()) with check (workspace_id = current_workspace())', each);
      execute format('create policy every_workspace on %I for all to tl_lane, tl_relay, tl_privacy using (true) with check (true)', each);
    end loop;
  end $$;

  grant select, update on audience_sync, audience_member to tl_app;
  grant select, insert on audience_run to tl_app;
  grant select, insert, update, delete on audience_sync, audience_member, audience_run to tl_engine;
  grant select on audience_sync, audience_member to tl_relay;
  grant select, insert on audience_run to tl_relay;
  grant select on segment_membership_change, consent_change, customer_merge, sending_stop to tl_relay;
  grant select, update, delete on audience_member to tl_lane;
  grant select on audience_member to tl_privacy;
`;
