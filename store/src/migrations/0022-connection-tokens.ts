import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Access tokens of connections, kept for all processes until they run out. Whoever makes a new one holds the row's lease while the
 * vendor is asked, so that two that met the same refusal ask once.
 */
export class ConnectionTokens0022 implements MigrationInterface {
  readonly name = 'ConnectionTokens1764000000022';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table connection_token');
  }
}

const UP = `
  create table connection_token (
    workspace_id uuid not null references workspace,
    connection_key text not null,
    -- AES-256-GCM of the token and of what it was made from, as in connection_secret; null before the first
    key_id text,
    sealed bytea,
    expires_at timestamptz,
    -- who is asking the vendor; one that died is not waited for any longer than this
    lease uuid,
    leased_until timestamptz,
    primary key (workspace_id, connection_key)
  ) with (fillfactor = 80);

  alter table connection_token enable row level security;
  alter table connection_token force row level security;
  create policy one_workspace on connection_token for all to tl_app, tl_engine
    using (workspace_id = current_workspace()) with check (workspace_id = current_workspace());
  create policy every_workspace on connection_token for all to tl_lane, tl_relay, tl_privacy using (true) with check (true);
  grant select, insert, update on connection_token to tl_app, tl_engine;
`;
