import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Models that predict, the runs that train them and score with them, and what they say of each customer. A score keeps the very
 * numbers that it was made of, so that it can be made again. Reasons name features; nothing here holds an identifier.
 */
export class Predictions0017 implements MigrationInterface {
  readonly name = 'Predictions1764000000017';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(KINDS);
    await runner.query(TABLES);
    await runner.query(ACCESS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table prediction_schedule, prediction_draft, prediction_score, prediction_run, prediction_model;
      alter table definition drop constraint definition_kind_check;
      alter table definition add constraint definition_kind_check
        check (kind in ('segment', 'journey', 'template', 'connection', 'attribute', 'mapping', 'pull', 'identity', 'audience', 'model'));
    `);
  }
}

const KINDS = `
  alter table definition drop constraint definition_kind_check;
  alter table definition add constraint definition_kind_check
    check (kind in ('segment', 'journey', 'template', 'connection', 'attribute', 'mapping', 'pull', 'identity', 'audience', 'model',
                    'prediction'));
`;

const TABLES = `
  -- live: what scores. kept: was live until replaced_by. refused: was worse than the live one when it was trained.
  create table prediction_model (
    workspace_id uuid not null references workspace,
    model_id uuid not null,
    prediction_key text not null,
    -- of the definition that it was trained by
    version int not null,
    state text not null check (state in ('live', 'kept', 'refused')),
    trained_at timestamptz not null,
    -- all that is needed to score with it
    parameters jsonb not null,
    card jsonb not null,
    replaced_by uuid,
    primary key (workspace_id, model_id)
  );
  create unique index prediction_model_live on prediction_model (workspace_id, prediction_key) where state = 'live';

  -- train: a new model, and scores. score: scores by the live model. backtest: a model as of a past day, measured and thrown away.
  -- phase: what is to be done next; cursor: the last customer of the page before, moved in the page's own transaction.
  create table prediction_run (
    workspace_id uuid not null references workspace,
    run_id uuid not null,
    prediction_key text not null,
    version int not null,
    purpose text not null check (purpose in ('train', 'score', 'backtest')),
    -- the moment that it knows nothing after
    snapshot_at timestamptz not null,
    state text not null default 'asked' check (state in ('asked', 'running', 'done', 'refused', 'cancelled')),
    phase text not null default 'train' check (phase in ('train', 'score', 'publish', 'retire', 'over')),
    cursor uuid,
    requested_by text not null,
    requested_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    -- [{ gate, needed, found, ok }]
    gates jsonb not null default '[]',
    -- the model that scores in this run
    model_id uuid,
    -- old against new, and which one stays
    comparison jsonb,
    drift jsonb,
    -- of a backtest: the card of the model that was thrown away
    card jsonb,
    -- scores at every thousandth of the population, ascending: what a percentile is read from
    cutpoints double precision[],
    scored int not null default 0,
    -- customers of whom a trait changed
    changed int not null default 0,
    primary key (workspace_id, run_id)
  ) with (fillfactor = 70);
  create index prediction_run_key on prediction_run (workspace_id, prediction_key, run_id desc);
  create index prediction_run_open on prediction_run (requested_at) where state in ('asked', 'running');

  -- What is said of a customer now.
  create table prediction_score (
    workspace_id uuid not null,
    prediction_key text not null,
    customer_id uuid not null,
    run_id uuid not null,
    model_id uuid not null,
    scored_at timestamptz not null,
    probability double precision not null,
    percentile double precision not null,
    band text not null,
    -- store/prediction ValueScore: expected value with its interval, next order, rfm; null where the model says nothing of it
    value jsonb,
    -- [{ feature, value, effect }], the weightiest first
    reasons jsonb not null,
    -- { feature: number }: the score can be made again from it
    features jsonb not null,
    primary key (workspace_id, prediction_key, customer_id)
  );
  create index prediction_score_customer on prediction_score (workspace_id, customer_id);

  -- The same on its way: a page of it becomes scores and traits in one transaction.
  create table prediction_draft (
    workspace_id uuid not null,
    run_id uuid not null,
    customer_id uuid not null,
    probability double precision not null,
    value jsonb,
    reasons jsonb not null,
    features jsonb not null,
    primary key (workspace_id, run_id, customer_id),
    foreign key (workspace_id, run_id) references prediction_run on delete cascade
  );

  -- What Temporal's schedule of a prediction has been told.
  create table prediction_schedule (
    workspace_id uuid not null references workspace,
    prediction_key text not null,
    scheduled_version int,
    primary key (workspace_id, prediction_key)
  );
`;

const ACCESS = `
  do $$
  declare each text;
  begin
    foreach each in array array['prediction_model', 'prediction_run', 'prediction_score', 'prediction_draft', 'prediction_schedule'] loop
      execute format('alter table %I enable row level security', each);
      execute format('alter table %I force row level security', each);
      execute format('create policy one_workspace on %I for all to tl_app, tl_engine
        using (workspace_id = current_workspace()) with check (workspace_id = current_workspace())', each);
      execute format('create policy every_workspace on %I for all to tl_lane, tl_relay using (true) with check (true)', each);
    end loop;
  end $$;

  grant select on prediction_model, prediction_score, prediction_schedule to tl_app;
  grant select, insert on prediction_run to tl_app;
  grant select, insert, update on prediction_model, prediction_run to tl_engine;
  grant select, insert, update, delete on prediction_score, prediction_draft to tl_engine;
  grant select on prediction_run to tl_relay;
  grant select, insert, update on prediction_schedule to tl_relay;
  grant select, delete on prediction_score, prediction_draft to tl_lane;
`;
