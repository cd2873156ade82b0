import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Journeys tried over what has been: a row asks for a run of simulateJourney, which works through a sample of customers page by
 * page and leaves here what it has counted so far. Samples name customers by id and hold nothing else of them.
 */
export class Simulations0014 implements MigrationInterface {
  readonly name = 'Simulations1764000000014';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      revoke select on trait_change, consent_change from tl_engine;
      drop table publish_limit, simulation;
    `);
  }
}

const UP = `
  create table simulation (
    workspace_id uuid not null references workspace,
    simulation_id uuid not null,
    journey_key text not null,
    -- null: the draft, or a definition that came with the request
    version int,
    state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
    days int not null,
    -- store/journeys SimulationPlan: the definition, the part of the log and of the customers; fixed when it was asked for, so
    -- that every page is of the same time
    plan jsonb not null,
    -- the last customer that was simulated: moved in the transaction that adds the page's counts
    cursor uuid,
    -- domain/journeys Simulation, of all pages so far
    result jsonb not null,
    created_by text not null,
    created_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    primary key (workspace_id, simulation_id)
  ) with (fillfactor = 70);
  create index simulation_open on simulation (created_at) where state in ('queued', 'running');

  -- How many messages in a day a journey may be forecast to send before somebody has to confirm its publication. No row: ours.
  create table publish_limit (
    workspace_id uuid primary key references workspace,
    messages_per_day int not null check (messages_per_day >= 0),
    updated_at timestamptz not null default clock_timestamp()
  );

  do $$
  declare each text;
  begin
    foreach each in array array['simulation', 'publish_limit'] loop
      execute format('alter table %I enable row level security', each);
      execute format('alter table %I force row level security', each);
      execute format('create policy one_workspace on %I for all to tl_app, tl_engine
        using (workspace_id = current_workspace()) with check (workspace_id = current_workspace())', each);
      execute format('create policy every_workspace on %I for all to tl_lane, tl_relay using (true) with check (true)', each);
    end loop;
  end $$;
  grant select, insert, update, delete on simulation, publish_limit to tl_app;
  grant select, update on simulation to tl_engine;
  grant select on simulation to tl_relay;
  grant select on trait_change, consent_change to tl_engine;
`;
