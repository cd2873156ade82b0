import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every table with a workspace is forced under row-level security; the event log alone has none, and no reader but the lane. */
const SCOPED = [
  'workspace',
  'api_key',
  'source',
  'sending_stop',
  'audit_log',
  'idempotent_answer',
  'lane',
  'lane_append',
  'message_seen',
  'quarantine',
  'revocation_pending',
  'outbox',
  'customer',
  'identifier',
  'identifier_change',
  'customer_merge',
  'trait_change',
  'consent',
  'consent_change',
  'suppression',
  'event',
  'segment_membership',
  'segment_membership_change',
  'definition',
  'definition_version',
  'connection_secret',
  'connection_health',
  'enrolment',
  'wait',
  'trail',
  'goal_conversion',
  'operator_request',
  'delivery',
];

/** role → what it may do; tl_lane and tl_relay serve every workspace, so theirs is the only unconditional policy. */
const GRANTS = `
  grant select, insert, update, delete on workspace, api_key, source, sending_stop, audit_log, idempotent_answer, definition,
    definition_version, connection_secret, connection_health, operator_request to tl_app;
  grant select on lane, lane_append, customer, identifier, identifier_change, customer_merge, trait_change, consent,
    consent_change, suppression, event, segment_membership, segment_membership_change, enrolment, wait, trail,
    goal_conversion, delivery to tl_app;
  grant select, update on quarantine to tl_app;
  grant insert on outbox, lane, lane_append, event_log to tl_app;
  grant update on lane_append, delivery to tl_app;

  grant select on workspace, sending_stop, lane, lane_append, customer, identifier, consent, suppression, event, segment_membership,
    segment_membership_change, definition, definition_version, connection_secret, revocation_pending, customer_merge,
    goal_conversion to tl_engine;
  grant select, insert, update on enrolment, wait, trail, operator_request, delivery, connection_health, customer to tl_engine;
  grant insert on outbox, event_log to tl_engine;
  grant update on lane_append to tl_engine;

  grant select on api_key, workspace, source to tl_ingest;
  grant insert on event_log, revocation_pending to tl_ingest;
  grant select, update on lane_append to tl_ingest;

  grant select, insert, update, delete on lane, lane_append, event_log, message_seen, quarantine, revocation_pending, outbox,
    customer, identifier, identifier_change, customer_merge, trait_change, consent, consent_change, suppression, event,
    segment_membership, segment_membership_change, enrolment, wait, trail, goal_conversion, delivery to tl_lane;
  grant select on workspace, definition to tl_lane;
  grant select, update on definition_version to tl_lane;

  grant select, update, delete on outbox to tl_relay;
  grant insert on outbox to tl_relay;
  grant select, update on enrolment to tl_relay;
  grant select on workspace, wait, lane, delivery to tl_relay;
  grant insert on trail to tl_relay;
`;

export class RowLevelSecurity0006 implements MigrationInterface {
  readonly name = 'RowLevelSecurity1764000000006';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of SCOPED) {
      await runner.query(`
        alter table ${table} enable row level security;
        alter table ${table} force row level security;
        create policy one_workspace on ${table} for all to tl_app, tl_engine
          using (workspace_id = current_workspace()) with check (workspace_id = current_workspace());
        create policy every_workspace on ${table} for all to tl_lane, tl_relay using (true) with check (true);
      `);
    }
    for (const table of ['api_key', 'workspace', 'source', 'lane_append', 'revocation_pending']) {
      await runner.query(
        `create policy door on ${table} for all to tl_ingest using (true) with check (true)`,
      );
    }
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of SCOPED) {
      await runner.query(`
        drop policy if exists one_workspace on ${table};
        drop policy if exists every_workspace on ${table};
        drop policy if exists door on ${table};
        alter table ${table} no force row level security;
        alter table ${table} disable row level security;
      `);
    }
    await runner.query(
      `revoke all on all tables in schema public from tl_app, tl_engine, tl_ingest, tl_lane, tl_relay`,
    );
  }
}
