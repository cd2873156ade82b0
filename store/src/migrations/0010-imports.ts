import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Batches and webhooks on their way into the log. They live here and not on a disk, so that API and worker share nothing but the database and
 * an erasure reaches every row of them. A row of `import` whose state is `staged` is what starts a run of ingestBatch.
 */
export class Imports0010 implements MigrationInterface {
  readonly name = 'Imports1764000000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index quarantine_position;
      drop table pull_state, source_hook, import_batch, import_reject, import_chunk, import;
    `);
  }
}

const UP = `
  create table import (
    workspace_id uuid not null references workspace,
    import_id uuid not null,
    kind text not null check (kind in ('customers', 'events', 'orders')),
    format text not null check (format in ('csv', 'ndjson')),
    state text not null default 'uploading'
      check (state in ('uploading', 'staged', 'running', 'done', 'failed', 'cancelled')),
    mapping_key text not null,
    mapping_version int not null,
    -- { mapping, catalogue } as they were when the import began: a row maps the same whenever it is tried again
    mapping jsonb not null,
    -- sha256 of the file without its encoding; message ids are made of it, so it outlives a rerun
    content_hash bytea,
    -- 1 for the first import of this content by this mapping
    run int not null default 1,
    -- the import whose rejects this one maps again
    rerun_of uuid,
    -- of a CSV file
    columns text[],
    start_journeys boolean not null default false,
    bytes bigint not null default 0,
    chunks int not null default 0,
    rows_total bigint not null default 0,
    -- the next chunk to map: moved in the transaction that appends what was mapped
    next_seq int not null default 0,
    rows_read bigint not null default 0,
    events bigint not null default 0,
    warned bigint not null default 0,
    omitted bigint not null default 0,
    rejected bigint not null default 0,
    -- what the lane made of the events; null until it has passed the last of them
    accepted bigint,
    duplicates bigint,
    quarantined bigint,
    last_position bigint,
    -- counts of { code: rows } for warnings
    warnings jsonb not null default '{}',
    error text,
    created_by text not null,
    created_at timestamptz not null default clock_timestamp(),
    staged_at timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    primary key (workspace_id, import_id)
  ) with (fillfactor = 70);
  create unique index import_once on import (workspace_id, content_hash, kind, mapping_key, mapping_version, run)
    where state not in ('uploading', 'failed', 'cancelled');
  create index import_open on import (staged_at) where state in ('staged', 'running');

  -- Whole rows, one a line: [number, values], [number, values, row id] where the number does not name the row for good, or
  -- [number, text, code, detail] for one that the reader refused.
  create table import_chunk (
    workspace_id uuid not null,
    import_id uuid not null,
    seq int not null,
    first_row bigint not null,
    rows int not null,
    body text not null,
    primary key (workspace_id, import_id, seq),
    foreign key (workspace_id, import_id) references import on delete cascade
  );

  create table import_reject (
    workspace_id uuid not null,
    import_id uuid not null,
    row_number bigint not null,
    code text not null,
    field text,
    detail text not null,
    -- what makes the message id, where that is not the number
    row_id text,
    -- the row as JSON: a list of values, an object, or text where it was no row
    raw text not null,
    -- the import that mapped it again
    rerun_by uuid,
    primary key (workspace_id, import_id, row_number),
    foreign key (workspace_id, import_id) references import on delete cascade
  );

  -- Which inputs of the log an import made: its outcome is counted by them, and an erasure finds them.
  create table import_batch (
    workspace_id uuid not null,
    import_id uuid not null,
    position bigint not null,
    events int not null,
    -- what the lane made of them; null until it has passed the position
    accepted int,
    quarantined int,
    primary key (workspace_id, import_id, position),
    foreign key (workspace_id, import_id) references import on delete cascade
  );

  create index import_batch_open on import_batch (workspace_id, import_id, position) where accepted is null;

  -- A source that others call: the id in the address says which, the signature says who. The secret stands in connection_secret
  -- under 'hook.' and the source's key, which no connection can have.
  create table source_hook (
    workspace_id uuid not null,
    source_key text not null,
    hook_id uuid not null unique,
    settings jsonb not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (workspace_id, source_key),
    foreign key (workspace_id, source_key) references source
  );

  -- How far a pull has read. The cursor moves only when everything up to it is staged; what is under way has its own.
  create table pull_state (
    workspace_id uuid not null,
    pull_key text not null,
    -- of the last row, as text: the source compares them
    cursor text,
    import_id uuid,
    run_cursor text,
    run_row text,
    seq int not null default 0,
    rows bigint not null default 0,
    -- the version that the schedule in Temporal was made of; null: there is none
    scheduled_version int,
    run_requested boolean not null default false,
    started_at timestamptz,
    finished_at timestamptz,
    error text,
    primary key (workspace_id, pull_key)
  );

  create index quarantine_position on quarantine (workspace_id, position);

  do $$
  declare each text;
  begin
    foreach each in array array['import', 'import_chunk', 'import_reject', 'import_batch', 'source_hook', 'pull_state'] loop
      execute format('alter table %I enable row level security', each);
      execute format('alter table %I force row level security', each);
      execute format('create policy one_workspace on %I for all to tl_app, tl_engine
        using (workspace_id = current_workspace()) with check (workspace_id = current_workspace())', each);
      execute format('create policy every_workspace on %I for all to tl_lane, tl_relay using (true) with check (true)', each);
    end loop;
  end $$;

  create policy door on source_hook for all to tl_ingest using (true) with check (true);

  grant select, insert, update, delete on import, import_chunk, import_reject, import_batch, source_hook, pull_state to tl_app;
  grant select on source_hook to tl_ingest;
  grant select, insert, update, delete on import, import_chunk, pull_state to tl_engine;
  grant select, insert on import_reject to tl_engine;
  grant select, insert, update on import_batch to tl_engine;
  grant select on quarantine to tl_engine;
  grant insert on revocation_pending to tl_engine;
  grant select on import, definition, definition_version to tl_relay;
  grant select, insert, update on pull_state to tl_relay;
  grant select, insert, update, delete on import, import_chunk, import_reject, import_batch to tl_lane;
`;
