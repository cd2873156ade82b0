import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Items, what is bought together with what, and which of a profile's fields a page may be told. A model counts baskets; it names
 * items and nobody. Whom it is for is read from the events at the moment of asking, so that an erasure has nothing to do here.
 */
export class Recommendations0019 implements MigrationInterface {
  readonly name = 'Recommendations1764000000019';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop table personalisation, recommendation_pair, recommendation_item, recommendation_setting, recommendation_run, item`,
    );
  }
}

const UP = `
  create table item (
    workspace_id uuid not null references workspace,
    item_id text collate "C" not null,
    name text not null,
    url text,
    image text,
    price double precision,
    currency text,
    category text,
    available boolean not null default true,
    -- is bought again: recommended although bought
    repeatable boolean not null default false,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (workspace_id, item_id)
  );

  -- One count of the orders. settings: as they were when it was counted.
  create table recommendation_run (
    workspace_id uuid not null references workspace,
    run_id uuid not null,
    state text not null default 'asked' check (state in ('asked', 'running', 'done', 'cancelled')),
    settings jsonb not null default '{}',
    requested_by text not null,
    requested_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    baskets bigint,
    items int,
    pairs bigint,
    primary key (workspace_id, run_id)
  );
  create index recommendation_run_open on recommendation_run (requested_at) where state in ('asked', 'running');

  -- live_run_id is the model that answers; it changes in one update. applied_revision is what Temporal's schedule has been told.
  create table recommendation_setting (
    workspace_id uuid not null references workspace,
    settings jsonb not null,
    every_hours int,
    revision int not null default 1,
    applied_revision int not null default 0,
    live_run_id uuid,
    primary key (workspace_id)
  );

  create table recommendation_item (
    workspace_id uuid not null,
    run_id uuid not null,
    item_id text collate "C" not null,
    baskets bigint not null,
    primary key (workspace_id, run_id, item_id),
    foreign key (workspace_id, run_id) references recommendation_run on delete cascade
  );
  create index recommendation_item_popular on recommendation_item (workspace_id, run_id, baskets desc, item_id);

  create table recommendation_pair (
    workspace_id uuid not null,
    run_id uuid not null,
    item_id text collate "C" not null,
    rank int not null,
    other_id text collate "C" not null,
    both_baskets bigint not null,
    primary key (workspace_id, run_id, item_id, rank),
    foreign key (workspace_id, run_id) references recommendation_run on delete cascade
  );

  -- What a source's pages may be told of their visitor.
  create table personalisation (
    workspace_id uuid not null,
    source_key text not null,
    settings jsonb not null,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (workspace_id, source_key),
    foreign key (workspace_id, source_key) references source
  );

  do $$
  declare each text;
  begin
    foreach each in array array['item', 'recommendation_run', 'recommendation_setting', 'recommendation_item', 'recommendation_pair',
                                'personalisation'] loop
      execute format('alter table %I enable row level security', each);
      execute format('alter table %I force row level security', each);
      execute format('create policy one_workspace on %I for all to tl_app, tl_engine
        using (workspace_id = current_workspace()) with check (workspace_id = current_workspace())', each);
      execute format('create policy every_workspace on %I for all to tl_lane, tl_relay using (true) with check (true)', each);
    end loop;
  end $$;

  grant select, insert, update, delete on item, personalisation to tl_app;
  grant select, insert, update on recommendation_run, recommendation_setting to tl_app;
  grant select on recommendation_item, recommendation_pair to tl_app;
  grant select on item to tl_engine;
  grant select, insert, update on recommendation_run to tl_engine;
  grant select, update on recommendation_setting to tl_engine;
  grant select, insert, delete on recommendation_item, recommendation_pair to tl_engine;
  grant select on recommendation_run to tl_relay;
  grant select, update on recommendation_setting to tl_relay;
`;
