import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Roles, workspaces and keys.
 *
 * Roles own nothing and are members of the login user, who sets one per pool (`SET ROLE` at connection start):
 * - tl_app     management and read paths; sees one workspace through row-level security
 * - tl_engine  step, reservation and settling of deliveries; row-level security as well
 * - tl_ingest  looks a key up and appends to the event log
 * - tl_lane    the lane processor: every workspace, the only writer of identifiers, traits, consents, facts, memberships
 * - tl_relay   moves the outbox, compares enrolments with Temporal
 */
export class WorkspacesAndKeys0001 implements MigrationInterface {
  readonly name = 'WorkspacesAndKeys1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    // Roles stay: they belong to the server, and other databases on it may use them.
    await runner.query(`
      drop table idempotent_answer, audit_log, sending_stop, source, api_key, workspace;
      drop function current_workspace();
    `);
  }
}

const UP = `
  do $$
  declare role_name text;
  begin
    foreach role_name in array array['tl_app', 'tl_engine', 'tl_ingest', 'tl_lane', 'tl_relay'] loop
      if not exists (select from pg_roles where rolname = role_name) then
        -- Two databases of one server may be migrated at once: the loser finds the role made.
        begin execute format('create role %I nologin', role_name);
        exception when duplicate_object or unique_violation then null; end;
      end if;
      if not pg_has_role(current_user, role_name, 'member') then
        execute format('grant %I to current_user', role_name);
      end if;
    end loop;
  end $$;

  -- The workspace of the running transaction; null (and so no row) where none was set.
  create function current_workspace() returns uuid language sql stable parallel safe
    as $$ select nullif(current_setting('throughline.workspace', true), '')::uuid $$;

  create table workspace (
    workspace_id uuid primary key,
    key text not null unique,
    name text not null,
    -- identity rules, consent defaults, mail footer: domain/shared settings, parsed on read
    settings jsonb not null default '{}',
    created_at timestamptz not null default now()
  );

  create table api_key (
    workspace_id uuid not null references workspace,
    key_id uuid not null,
    name text not null,
    -- write keys (Segment's Basic user) carry the scope 'ingest' and name their source
    scopes text[] not null,
    source_key text,
    prefix text not null,
    hash bytea not null unique,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    primary key (workspace_id, key_id)
  );

  create table source (
    workspace_id uuid not null references workspace,
    source_key text not null,
    name text not null,
    kind text not null default 'http',
    state text not null default 'active' check (state in ('active', 'paused')),
    created_at timestamptz not null default now(),
    primary key (workspace_id, source_key)
  );

  -- Who may not send right now. scope: workspace (target ''), journey or connection (target = key).
  create table sending_stop (
    workspace_id uuid not null references workspace,
    scope text not null check (scope in ('workspace', 'journey', 'connection')),
    target text not null default '',
    stopped_at timestamptz not null default now(),
    stopped_by text not null,
    primary key (workspace_id, scope, target)
  );

  create table audit_log (
    workspace_id uuid not null references workspace,
    audit_id uuid not null,
    at timestamptz not null default clock_timestamp(),
    actor text not null,
    action text not null,
    subject text not null,
    detail jsonb not null default '{}',
    primary key (workspace_id, audit_id)
  );

  -- Answers of effectful POSTs by Idempotency-Key, kept 24 h.
  create table idempotent_answer (
    workspace_id uuid not null references workspace,
    idempotency_key text not null,
    request_hash bytea not null,
    status int not null,
    body jsonb,
    created_at timestamptz not null default now(),
    primary key (workspace_id, idempotency_key)
  );
`;
