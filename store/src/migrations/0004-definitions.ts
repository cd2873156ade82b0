import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Definitions (segments, journeys, templates, connections): a draft row that is put whole, immutable versions beside it.
 * One pair of tables for all kinds: they are read, locked, published and archived alike; the body is parsed by its kind's schema.
 */
export class Definitions0004 implements MigrationInterface {
  readonly name = 'Definitions1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table connection_health, connection_secret, definition_version, definition;
      drop function refuse_version_change();
    `);
  }
}

const UP = `
  create table definition (
    workspace_id uuid not null references workspace,
    kind text not null check (kind in ('segment', 'journey', 'template', 'connection')),
    key text not null,
    -- raised by every put; If-Match compares it
    revision int not null default 1,
    body jsonb not null,
    -- null until first published; connections and templates publish at every put
    live_version int,
    -- journeys: paused holds people, stopped ends them. Others: active.
    state text not null default 'draft' check (state in ('draft', 'live', 'paused', 'stopped')),
    archived_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (workspace_id, kind, key)
  );

  create table definition_version (
    workspace_id uuid not null,
    kind text not null,
    key text not null,
    version int not null,
    body jsonb not null,
    published_at timestamptz not null default clock_timestamp(),
    published_by text not null,
    -- the log position of the input that made it live; null until the lane has passed it
    live_position bigint,
    primary key (workspace_id, kind, key, version),
    foreign key (workspace_id, kind, key) references definition
  );

  -- A version never changes; only the lane notes where it went live.
  create function refuse_version_change() returns trigger language plpgsql as $$
  begin
    if new.body is distinct from old.body or new.version <> old.version or new.key <> old.key or new.kind <> old.kind then
      raise exception 'published versions are immutable' using errcode = '23514';
    end if;
    return new;
  end $$;
  create trigger definition_version_immutable before update on definition_version
    for each row execute function refuse_version_change();

  -- AES-256-GCM of the secret settings of a connection; key_id names the key of the environment.
  create table connection_secret (
    workspace_id uuid not null,
    connection_key text not null,
    key_id text not null,
    sealed bytea not null,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (workspace_id, connection_key)
  );

  create table connection_health (
    workspace_id uuid not null,
    connection_key text not null,
    state text not null check (state in ('ok', 'needs_attention', 'disabled')),
    code text,
    at timestamptz not null default clock_timestamp(),
    primary key (workspace_id, connection_key)
  );
`;
