import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Time: when a customer's memberships can next change by themselves. Commands and batches: the inputs of the lane that are not
 * events (merge, unmerge, erasure, pages of a backfill, rows of an import), so that they are applied in log order as well.
 */
export class TimeAndCommands0007 implements MigrationInterface {
  readonly name = 'TimeAndCommands1764000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table segment_built, segment_backfill, customer_due;
      alter table event_log drop constraint event_log_kind_check;
      alter table event_log add constraint event_log_kind_check check (kind in ('http', 'internal', 'definitions', 'tick'));
      alter table definition drop constraint definition_kind_check;
      alter table definition add constraint definition_kind_check check (kind in ('segment', 'journey', 'template', 'connection'));
    `);
  }
}

const UP = `
  -- kind import: body is that of a batch call, made from rows of a file or pull; its events count as imported.
  -- kind backfill: body names the backfill whose next page of customers is measured.
  -- kind command: body is one of store/ingestion LaneCommand (merge, unmerge, erase, ...).
  alter table event_log drop constraint event_log_kind_check;
  alter table event_log add constraint event_log_kind_check
    check (kind in ('http', 'internal', 'definitions', 'tick', 'import', 'backfill', 'command'));

  alter table definition drop constraint definition_kind_check;
  alter table definition add constraint definition_kind_check
    check (kind in ('segment', 'journey', 'template', 'connection', 'attribute', 'mapping', 'pull', 'identity', 'audience', 'model'));

  -- One time per customer: the earliest at which a membership may change by itself. May be early, never late, so that most
  -- events touch nothing here.
  create table customer_due (
    workspace_id uuid not null,
    customer_id uuid not null,
    due_at timestamptz not null,
    primary key (workspace_id, customer_id)
  ) with (fillfactor = 80);
  create index customer_due_next on customer_due (workspace_id, due_at);

  -- A published definition on its way to everybody who was here before, page by page in the order of customer ids. Whoever is
  -- touched before their page comes is built at that moment (segment_built), so nobody is ever measured by half a fact.
  create table segment_backfill (
    workspace_id uuid not null,
    -- the definitions input that asked for it
    position bigint not null,
    -- fact keys to count anew, segments to measure
    facts jsonb not null,
    segments jsonb not null,
    cursor uuid,
    done bigint not null default 0,
    total bigint not null,
    finished_at timestamptz,
    primary key (workspace_id, position)
  ) with (fillfactor = 80);
  create table segment_built (
    workspace_id uuid not null,
    position bigint not null,
    customer_id uuid not null,
    primary key (workspace_id, position, customer_id)
  );

  do $$
  declare each text;
  begin
    foreach each in array array['customer_due', 'segment_backfill', 'segment_built'] loop
      execute format('alter table %I enable row level security', each);
      execute format('alter table %I force row level security', each);
      execute format('create policy one_workspace on %I for all to tl_app, tl_engine
        using (workspace_id = current_workspace()) with check (workspace_id = current_workspace())', each);
      execute format('create policy every_workspace on %I for all to tl_lane, tl_relay using (true) with check (true)', each);
    end loop;
  end $$;
  grant select on customer_due, segment_backfill to tl_app, tl_engine;
  grant select, insert, update, delete on customer_due, segment_backfill, segment_built to tl_lane;
`;
