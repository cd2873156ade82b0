import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The customer: one state row written once per batch, narrow tables for what is searched, append-only history for all of it.
 * (position, ordinal) names an input: the log row and the event's index inside it.
 */
export class Customers0003 implements MigrationInterface {
  readonly name = 'Customers1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table segment_membership_change, segment_membership, event, suppression, consent_change, consent, trait_change,
        customer_merge, identifier_change, identifier, customer;
    `);
  }
}

const UP = `
  -- traits: { name: { v, t, p, o, s } } value, event time ms, position, ordinal, source. facts: { factKey: count }.
  -- fillfactor 80 and no index over a changing column keep the per-batch update HOT.
  create table customer (
    workspace_id uuid not null,
    customer_id uuid not null,
    created_at timestamptz not null,
    first_position bigint not null,
    first_ordinal int not null,
    traits jsonb not null default '{}',
    facts jsonb not null default '{}',
    applied_position bigint not null,
    -- the survivor; flattened at every merge, so one hop always suffices
    merged_into uuid,
    primary key (workspace_id, customer_id)
  ) with (fillfactor = 80);
  create index customer_absorbed on customer (workspace_id, merged_into) where merged_into is not null;

  create table identifier (
    workspace_id uuid not null,
    type text not null,
    value text not null,
    customer_id uuid not null,
    first_seen_at timestamptz not null,
    primary key (workspace_id, type, value)
  );
  create index identifier_owner on identifier (workspace_id, customer_id);

  -- change: added (from null) or moved (by a merge)
  create table identifier_change (
    workspace_id uuid not null,
    position bigint not null,
    ordinal int not null,
    type text not null,
    value text not null,
    change text not null check (change in ('added', 'moved')),
    from_customer_id uuid,
    to_customer_id uuid not null,
    at timestamptz not null,
    primary key (workspace_id, position, ordinal, type, value)
  );

  create table customer_merge (
    workspace_id uuid not null,
    position bigint not null,
    ordinal int not null,
    survivor_id uuid not null,
    absorbed_id uuid not null,
    at timestamptz not null,
    -- the absorbed state row as it was: what an unmerge starts from
    absorbed_state jsonb not null,
    primary key (workspace_id, position, ordinal, absorbed_id)
  );
  create index customer_merge_survivor on customer_merge (workspace_id, survivor_id);

  create table trait_change (
    workspace_id uuid not null,
    customer_id uuid not null,
    position bigint not null,
    ordinal int not null,
    name text not null,
    value jsonb,
    previous jsonb,
    event_time timestamptz not null,
    source_key text,
    primary key (workspace_id, customer_id, position, ordinal, name)
  );

  create table consent (
    workspace_id uuid not null,
    customer_id uuid not null,
    purpose text not null,
    channel text not null,
    state text not null check (state in ('granted', 'denied', 'revoked')),
    event_time timestamptz not null,
    position bigint not null,
    ordinal int not null,
    source_key text,
    primary key (workspace_id, customer_id, purpose, channel)
  );

  create table consent_change (
    workspace_id uuid not null,
    customer_id uuid not null,
    position bigint not null,
    ordinal int not null,
    purpose text not null,
    channel text not null,
    state text not null,
    previous text,
    event_time timestamptz not null,
    source_key text,
    primary key (workspace_id, customer_id, position, ordinal, purpose, channel)
  );

  -- Addresses that must not be written to, whatever consent says. address_hash: sha256 of channel:address.
  create table suppression (
    workspace_id uuid not null,
    channel text not null,
    address_hash bytea not null,
    reason text not null,
    at timestamptz not null,
    position bigint,
    primary key (workspace_id, channel, address_hash)
  );

  -- customer_id is the owner when the event was applied and never rewritten: after a merge, readers ask for the
  -- survivor and all whose merged_into names it.
  create table event (
    workspace_id uuid not null,
    customer_id uuid not null,
    position bigint not null,
    ordinal int not null,
    clock timestamptz not null,
    event_time timestamptz not null,
    original_time timestamptz,
    message_id text not null,
    type text not null,
    name text not null,
    source_key text,
    hop smallint not null default 0,
    -- the event as parsed: { identifiers, traits, properties, context, imported }
    body jsonb not null,
    primary key (workspace_id, position, ordinal, clock)
  ) partition by range (clock);
  create index event_timeline on event (workspace_id, customer_id, position, ordinal);

  create table segment_membership (
    workspace_id uuid not null,
    customer_id uuid not null,
    segment_key text not null,
    version int not null,
    since timestamptz not null,
    position bigint not null,
    ordinal int not null,
    primary key (workspace_id, customer_id, segment_key)
  );
  create index segment_members on segment_membership (workspace_id, segment_key, customer_id);

  create table segment_membership_change (
    workspace_id uuid not null,
    customer_id uuid not null,
    position bigint not null,
    ordinal int not null,
    segment_key text not null,
    version int not null,
    change text not null check (change in ('entered', 'left')),
    at timestamptz not null,
    clock timestamptz not null,
    primary key (workspace_id, customer_id, position, ordinal, segment_key)
  );
  create index segment_membership_change_by_position on segment_membership_change (workspace_id, segment_key, position, ordinal);

  select ensure_partitions(14);
`;
