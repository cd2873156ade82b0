import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A message that may take several ways, and what providers report of it later. A delivery stays one row: it says which way it is on,
 * and which it has tried. Its receipt is found by the provider's own id, or by the hash of the address.
 */
export class RoutesAndReceipts0020 implements MigrationInterface {
  readonly name = 'RoutesAndReceipts1764000000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table delivery_receipt;
      drop index delivery_by_provider, delivery_by_address;
      alter table delivery drop column route, drop column tried, drop column address_hash, drop column receipt, drop column receipt_at;
    `);
  }
}

const UP = `
  alter table delivery
    -- number of the way that the message is on
    add column route smallint not null default 0,
    -- [{ route, connection, channel, reason }] of those that certainly sent nothing
    add column tried jsonb not null default '[]',
    -- key of suppression, of the address that was written to
    add column address_hash bytea,
    add column receipt text check (receipt in ('delivered', 'bounced', 'complained')),
    add column receipt_at timestamptz;
  create index delivery_by_provider on delivery (workspace_id, connection_key, provider_id) where provider_id is not null;
  create index delivery_by_address on delivery (workspace_id, connection_key, address_hash) where address_hash is not null;

  -- Reports that have come, by the provider's own name of each: a repeat changes nothing.
  create table delivery_receipt (
    workspace_id uuid not null references workspace,
    connection_key text not null,
    event_id text not null,
    at timestamptz not null default clock_timestamp(),
    primary key (workspace_id, connection_key, event_id)
  );

  alter table delivery_receipt enable row level security;
  alter table delivery_receipt force row level security;
  create policy one_workspace on delivery_receipt for all to tl_app, tl_engine
    using (workspace_id = current_workspace()) with check (workspace_id = current_workspace());
  create policy every_workspace on delivery_receipt for all to tl_lane, tl_relay, tl_privacy using (true) with check (true);
  grant select, insert on delivery_receipt to tl_app;
  grant select, delete on delivery_receipt to tl_privacy;
`;
