import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Codes that are given away, each to one message: uploaded by the shop, taken out of the pool when a message is composed. */
export class Coupons0021 implements MigrationInterface {
  readonly name = 'Coupons1764000000021';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
    for (const table of ['coupon_pool', 'coupon_code']) {
      await runner.query(`
        alter table ${table} enable row level security;
        alter table ${table} force row level security;
        create policy one_workspace on ${table} for all to tl_app, tl_engine
          using (workspace_id = current_workspace()) with check (workspace_id = current_workspace());
        create policy every_workspace on ${table} for all to tl_lane using (true) with check (true);
      `);
    }
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table coupon_code, coupon_pool');
  }
}

const UP = `
  create table coupon_pool (
    workspace_id uuid not null references workspace,
    pool_key text not null,
    name text not null,
    -- with so few free codes or fewer the pool is said to run low
    low_stock int not null default 0 check (low_stock >= 0),
    -- since when it does; set by the message that took the code, taken away by an upload
    low_since timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (workspace_id, pool_key)
  ) with (fillfactor = 80);

  create table coupon_code (
    workspace_id uuid not null,
    pool_key text not null,
    code_id uuid not null,
    -- sha256 of workspace, pool and code: by it a code that is uploaded again is known
    code_hash bytea not null,
    -- AES-256-GCM; key_id names the key of the environment
    key_id text not null,
    sealed bytea not null,
    added_at timestamptz not null default clock_timestamp(),
    -- the message that it was given to, and the person who entered; null while it is free
    delivery_key text,
    customer_id uuid,
    assigned_at timestamptz,
    primary key (workspace_id, pool_key, code_id),
    foreign key (workspace_id, pool_key) references coupon_pool
  ) with (fillfactor = 80);
  create unique index coupon_code_once on coupon_code (workspace_id, pool_key, code_hash);
  -- One code for a message, whatever is tried twice.
  create unique index coupon_code_delivery on coupon_code (workspace_id, pool_key, delivery_key) where delivery_key is not null;
  create index coupon_code_free on coupon_code (workspace_id, pool_key, code_id) where delivery_key is null;
  create index coupon_code_customer on coupon_code (workspace_id, customer_id) where customer_id is not null;
`;

const GRANTS = `
  grant select, insert, update on coupon_pool to tl_app;
  grant select, insert on coupon_code to tl_app;
  grant select, update on coupon_pool, coupon_code to tl_engine;
  grant select, update on coupon_code to tl_lane;
`;
