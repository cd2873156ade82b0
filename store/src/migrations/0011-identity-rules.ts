import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What identity resolution remembers beside the identifiers themselves: where each came from, which are shared by many, which two
 * do not make their customers one, and what a merge must keep so that it can be undone.
 */
export class IdentityRules0011 implements MigrationInterface {
  readonly name = 'IdentityRules1764000000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table delivery_shared, customer_group, identity_alert, identity_separation, identity_sighting;
      alter table customer_merge drop column undone_position, drop column survivor_state, drop column cause, drop column rank;
      alter table identifier drop column origin_id;
    `);
  }
}

const TABLES = [
  'identity_sighting',
  'identity_separation',
  'identity_alert',
  'customer_group',
  'delivery_shared',
];

const UP = `
  -- The profile it was first seen on. customer_id follows merges, this never changes: an unmerge goes by it.
  alter table identifier add column origin_id uuid;
  update identifier i set origin_id = coalesce((
    select c.to_customer_id from identifier_change c
     where c.workspace_id = i.workspace_id and c.type = i.type and c.value = i.value and c.change = 'added'
     order by c.position, c.ordinal limit 1), i.customer_id);
  alter table identifier alter column origin_id set not null;

  -- rank: the order of the merges of one event. cause: the event's identifiers, or a person's decision.
  -- survivor_state: as absorbed_state; both as they were just before, with the runs in which the two stood.
  -- undone_position: the input that parted them again.
  alter table customer_merge
    add column rank int not null default 0,
    add column cause text not null default 'event' check (cause in ('event', 'operator')),
    add column survivor_state jsonb,
    add column undone_position bigint;

  -- An identifier came on an event of a customer who is not its owner; so many of them, and it links nobody any more.
  create table identity_sighting (
    workspace_id uuid not null,
    type text not null,
    value text not null,
    customer_id uuid not null,
    position bigint not null,
    primary key (workspace_id, type, value, customer_id)
  );

  -- Two identifiers that have come on one event and yet belong to two people; (type_a, value_a) sorts before (type_b, value_b).
  create table identity_separation (
    workspace_id uuid not null,
    type_a text not null,
    value_a text not null,
    type_b text not null,
    value_b text not null,
    position bigint not null,
    primary key (workspace_id, type_a, value_a, type_b, value_b)
  );
  create index identity_separation_other on identity_separation (workspace_id, type_b, value_b);

  -- One row per thing to look at. hub: subject is type:value. identifiers, merges: the cap that the customer has reached.
  create table identity_alert (
    workspace_id uuid not null,
    kind text not null check (kind in ('hub', 'identifiers', 'merges')),
    subject text not null,
    first_position bigint not null,
    last_position bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    count int not null default 1,
    primary key (workspace_id, kind, subject)
  );
  create index identity_alert_latest on identity_alert (workspace_id, last_position desc);

  -- Companies, households, teams: what group calls say of them. Who belongs to one has the trait group_id.
  create table customer_group (
    workspace_id uuid not null,
    group_id text not null,
    traits jsonb not null default '{}',
    first_seen_at timestamptz not null,
    primary key (workspace_id, group_id)
  );

  -- Messages that went out while two people were one, by the run that went on: the other's run does not send them again.
  create table delivery_shared (
    workspace_id uuid not null,
    enrolment_id uuid not null,
    step_id text not null,
    visit int not null,
    primary key (workspace_id, enrolment_id, step_id, visit)
  );

  do $$
  declare each text;
  begin
    foreach each in array array[${TABLES.map((table) => `'${table}'`).join(', ')}] loop
      execute format('alter table %I enable row level security', each);
      execute format('alter table %I force row level security', each);
      execute format('create policy one_workspace on %I for all to tl_app, tl_engine
        using (workspace_id = current_workspace()) with check (workspace_id = current_workspace())', each);
      execute format('create policy every_workspace on %I for all to tl_lane, tl_relay using (true) with check (true)', each);
    end loop;
  end $$;
  grant select on ${TABLES.join(', ')} to tl_app;
  grant select on delivery_shared, customer_group to tl_engine;
  grant select, insert, update, delete on ${TABLES.join(', ')} to tl_lane;
`;
