import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Enrolments, waits, trail, deliveries: what the journeys of a customer have come to. All of it is written under the customer's lock. */
export class JourneysAndDeliveries0005 implements MigrationInterface {
  readonly name = 'JourneysAndDeliveries1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'drop table delivery, operator_request, goal_conversion, trail, wait, enrolment',
    );
  }
}

const UP = `
  create table enrolment (
    workspace_id uuid not null,
    enrolment_id uuid not null,
    journey_key text not null,
    version int not null,
    -- who entered; never changes
    customer_id uuid not null,
    -- whose profile, consents and lock count now; follows merges
    subject_id uuid not null,
    entry_key text not null,
    state text not null check (state in ('active', 'held', 'ended')),
    -- completed, exited:<reason>, merged, ...; null while not ended
    outcome text,
    -- raised when a run is replaced; step and reservations refuse an older one
    generation int not null default 1,
    -- seq of the current command; 0 before the first step
    seq int not null default 0,
    -- domain/journeys RunState and Command
    run_state jsonb not null,
    command jsonb,
    -- the trigger as it was: { event: {...}, position, ordinal }
    trigger jsonb not null,
    entered_at timestamptz not null,
    entered_position bigint not null,
    entered_ordinal int not null,
    -- look-backs see inputs after this one only ...
    consumed_position bigint not null,
    consumed_ordinal int not null,
    -- ... and stamped later than this
    consumed_clock timestamptz not null,
    -- set by the lane: { reason, exitId, position, ordinal, clock }; step carries it out
    exit_request jsonb,
    held_reason text,
    superseded boolean not null default false,
    -- workflow task queue run id of the latest known run, for links
    ended_at timestamptz,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (workspace_id, enrolment_id)
  ) with (fillfactor = 80);
  create unique index enrolment_entry on enrolment (workspace_id, journey_key, subject_id, entry_key) where not superseded;
  create index enrolment_subject on enrolment (workspace_id, subject_id);
  create index enrolment_open on enrolment (workspace_id, journey_key) where state <> 'ended';

  -- One row per wait or delay command. deadline null: waits for an event, an operator or a resume only.
  create table wait (
    workspace_id uuid not null,
    enrolment_id uuid not null,
    seq int not null,
    step_id text not null,
    -- [{ branch, on }] of the waitFor step; empty for a delay
    subscriptions jsonb not null default '[]',
    deadline timestamptz,
    restarts int not null default 0,
    -- first match in log order: { branch, position, ordinal, clock }
    fired jsonb,
    -- a step found the deadline ahead of the lane clock: the lane wakes the run on passing it
    overdue boolean not null default false,
    closed_at timestamptz,
    primary key (workspace_id, enrolment_id, seq)
  ) with (fillfactor = 80);
  create index wait_overdue on wait (workspace_id, deadline) where overdue and closed_at is null;
  create index wait_fired on wait (workspace_id) where fired is not null and closed_at is null;

  create table trail (
    workspace_id uuid not null,
    enrolment_id uuid not null,
    seq int not null,
    entry int not null,
    journey_key text not null,
    version int not null,
    -- the instant of the input that led here (lane clock), not of writing
    at timestamptz not null,
    step_id text,
    visit int,
    -- domain/journeys TrailKind
    kind text not null,
    detail jsonb not null default '{}',
    primary key (workspace_id, enrolment_id, seq, entry)
  );
  create index trail_numbers on trail (workspace_id, journey_key, version, step_id, kind);

  create table goal_conversion (
    workspace_id uuid not null,
    enrolment_id uuid not null,
    goal_id text not null,
    journey_key text not null,
    position bigint not null,
    ordinal int not null,
    at timestamptz not null,
    primary key (workspace_id, enrolment_id, goal_id)
  );

  -- Requests of operators (Temporal Updates): stored, carried out by the next step, answered with its verdict.
  create table operator_request (
    workspace_id uuid not null,
    enrolment_id uuid not null,
    request_id text not null,
    kind text not null check (kind in ('skipWait', 'forceExit', 'hold', 'resume', 'retryStep')),
    args jsonb not null default '{}',
    actor text not null,
    created_at timestamptz not null default clock_timestamp(),
    -- null until a step has seen it: { accepted, reason? }
    verdict jsonb,
    primary key (workspace_id, enrolment_id, request_id)
  );
  create index operator_request_open on operator_request (workspace_id, enrolment_id) where verdict is null;

  -- One effect towards the outside. key = enrolment:step:visit.
  create table delivery (
    workspace_id uuid not null,
    delivery_key text not null,
    enrolment_id uuid not null,
    journey_key text not null,
    version int not null,
    step_id text not null,
    visit int not null,
    subject_id uuid not null,
    connection_key text not null,
    connector_key text not null,
    action text not null,
    channel text,
    purpose text,
    state text not null check (state in ('reserved', 'sending', 'accepted', 'failed', 'unknown', 'skipped')),
    -- skipped: reason of a closed list; failed: code
    reason text,
    detail text,
    -- names the attempt that may settle; compare-and-set
    attempt_token uuid,
    attempts int not null default 0,
    -- stop, pause or lag that keeps a reservation from being carried out
    blocked_by text,
    provider_id text,
    response jsonb,
    expires_at timestamptz not null,
    reserved_at timestamptz not null default clock_timestamp(),
    sending_at timestamptz,
    settled_at timestamptz,
    primary key (workspace_id, delivery_key)
  );
  create index delivery_enrolment on delivery (workspace_id, enrolment_id);
  create index delivery_subject on delivery (workspace_id, subject_id, channel, settled_at);
  create index delivery_listed on delivery (workspace_id, state, reserved_at desc) where state in ('unknown', 'failed');
`;
