import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Customers who are probably one person: what runs of reconcileIdentity propose, what somebody decided about it, and who has been
 * declared to be two for good. Holds ids and names of levels, never values of profiles.
 */
export class Reconcile0012 implements MigrationInterface {
  readonly name = 'Reconcile1764000000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop table identity_difference, identity_suggestion, reconcile_proposal, reconcile_run, reconcile_schedule`,
    );
  }
}

const UP = `
  create table reconcile_run (
    workspace_id uuid not null references workspace,
    run_id uuid not null,
    state text not null default 'asked' check (state in ('asked', 'running', 'done', 'cancelled')),
    dry_run boolean not null default false,
    -- probability from which two customers are suggested, and from which they are merged without asking; null: never
    suggest_at double precision not null,
    auto_at double precision,
    -- { column: kind } over what the names of traits say
    columns jsonb not null default '{}',
    requested_by text not null,
    requested_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    customers int,
    candidates bigint,
    -- groups of customers found; what became of them is counted as the pages go
    proposed int,
    suggested int not null default 0,
    merged int not null default 0,
    -- groups about which somebody has decided before, or whose customers have moved on since
    skipped int not null default 0,
    -- the next proposal to settle: moved in the transaction that settles
    next_seq int not null default 0,
    -- which columns were compared, and of a dry run the first groups
    compared jsonb not null default '{}',
    preview jsonb not null default '[]',
    primary key (workspace_id, run_id)
  ) with (fillfactor = 70);
  create index reconcile_run_open on reconcile_run (requested_at) where state in ('asked', 'running');

  -- What a run found, until it is settled. Written whole, so that an attempt that died leaves nothing of its own.
  create table reconcile_proposal (
    workspace_id uuid not null,
    run_id uuid not null,
    seq int not null,
    members uuid[] not null,
    weakest double precision not null,
    strongest double precision not null,
    evidence jsonb not null,
    primary key (workspace_id, run_id, seq),
    foreign key (workspace_id, run_id) references reconcile_run on delete cascade
  );

  -- superseded: a later run no longer proposes it.
  create table identity_suggestion (
    workspace_id uuid not null,
    suggestion_id uuid not null,
    -- ascending; the same customers are one suggestion, whichever run finds them
    members uuid[] not null,
    run_id uuid not null,
    weakest double precision not null,
    strongest double precision not null,
    -- [{ left, right, probability, weight, levels: { column: level } }]
    evidence jsonb not null,
    state text not null default 'open' check (state in ('open', 'accepted', 'rejected', 'split', 'superseded')),
    decided_by text,
    decided_at timestamptz,
    -- of a split: who belongs together
    groups jsonb,
    created_at timestamptz not null default clock_timestamp(),
    primary key (workspace_id, suggestion_id),
    unique (workspace_id, members)
  );
  create index identity_suggestion_state on identity_suggestion (workspace_id, state, suggestion_id desc);

  -- Two customers whom a person has declared to be two. left_id < right_id. Never suggested again, nor whoever they become.
  create table identity_difference (
    workspace_id uuid not null,
    left_id uuid not null,
    right_id uuid not null,
    declared_by text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (workspace_id, left_id, right_id)
  );
  create index identity_difference_right on identity_difference (workspace_id, right_id);

  -- applied_revision is what Temporal's schedule has been told.
  create table reconcile_schedule (
    workspace_id uuid not null references workspace,
    every_hours int,
    suggest_at double precision not null,
    auto_at double precision,
    columns jsonb not null default '{}',
    revision int not null default 1,
    applied_revision int not null default 0,
    primary key (workspace_id)
  );

  do $$
  declare each text;
  begin
    foreach each in array array['reconcile_run', 'reconcile_proposal', 'identity_suggestion', 'identity_difference', 'reconcile_schedule'] loop
      execute format('alter table %I enable row level security', each);
      execute format('alter table %I force row level security', each);
      execute format('create policy one_workspace on %I for all to tl_app, tl_engine
        using (workspace_id = current_workspace()) with check (workspace_id = current_workspace())', each);
      execute format('create policy every_workspace on %I for all to tl_lane, tl_relay using (true) with check (true)', each);
    end loop;
  end $$;

  grant select, insert, update on reconcile_run, identity_suggestion, reconcile_schedule to tl_app;
  grant select, insert on identity_difference to tl_app;
  grant select, insert, update on reconcile_run, identity_suggestion to tl_engine;
  grant select, insert, update, delete on reconcile_proposal to tl_engine;
  grant select on identity_difference, reconcile_schedule to tl_engine;
  grant select on reconcile_run to tl_relay;
  grant select, update on reconcile_schedule to tl_relay;
  grant select, insert, update, delete on identity_suggestion, identity_difference to tl_lane;
`;
