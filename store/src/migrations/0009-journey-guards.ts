import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Frequency caps and quiet hours: what a message counts as, until when it is kept, and how much a workspace allows. */
export class JourneyGuards0009 implements MigrationInterface {
  readonly name = 'JourneyGuards1764000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table workspace_caps;
      alter table delivery drop column class, drop column blocked_until;
    `);
  }
}

const UP = `
  -- class: what caps count a message as; null where the effect is none, and on rows from before there were classes.
  -- blocked_until: quiet hours and caps end by themselves, other blocks do not.
  alter table delivery add column class text, add column blocked_until timestamptz;

  -- One document per workspace. Caps are counted from delivery rows under the customer's lock: there is no counter to go wrong.
  create table workspace_caps (
    workspace_id uuid primary key references workspace,
    revision int not null default 1,
    rules jsonb not null,
    updated_at timestamptz not null default clock_timestamp()
  );

  alter table workspace_caps enable row level security;
  alter table workspace_caps force row level security;
  create policy one_workspace on workspace_caps for all to tl_app, tl_engine
    using (workspace_id = current_workspace()) with check (workspace_id = current_workspace());
  create policy every_workspace on workspace_caps for all to tl_lane, tl_relay using (true) with check (true);
  grant select, insert, update, delete on workspace_caps to tl_app;
  grant select on workspace_caps to tl_engine;
`;
