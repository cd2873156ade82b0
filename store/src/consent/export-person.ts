/** All that is kept about a person, section by section: what they may ask for, in the form in which it is kept. */
import type { JsonObject } from '@throughline/domain/shared';
import { addressHash } from '../destinations/hashes.js';
import type { Queryable } from '../shared/index.js';

export interface ExportPage {
  readonly section: string;
  readonly rows: readonly JsonObject[];
  /** where the section goes on; null at its end */
  readonly after: ExportPlace | null;
}

export interface ExportPlace {
  readonly position: number;
  readonly ordinal: number;
}

interface Section {
  readonly table: string;
  /** over the row `t`; `$2` are the profiles that are this person */
  readonly where: string;
  readonly order: string;
}

const ENROLLED = `exists (select from enrolment e where e.workspace_id = $1 and e.enrolment_id = t.enrolment_id
  and (e.subject_id = any($2::uuid[]) or e.customer_id = any($2::uuid[])))`;
const BY_CUSTOMER = 't.customer_id = any($2::uuid[])';
const IN_LOG_ORDER = 't.position, t.ordinal';

const SECTIONS: Readonly<Record<string, Section>> = {
  profiles: { table: 'customer', where: BY_CUSTOMER, order: 't.customer_id' },
  identifiers: { table: 'identifier', where: BY_CUSTOMER, order: 't.type, t.value' },
  identifierChanges: {
    table: 'identifier_change',
    where: 't.to_customer_id = any($2::uuid[]) or t.from_customer_id = any($2::uuid[])',
    order: IN_LOG_ORDER,
  },
  identifierSightings: { table: 'identity_sighting', where: BY_CUSTOMER, order: 't.type, t.value' },
  merges: {
    table: 'customer_merge',
    where: 't.survivor_id = any($2::uuid[]) or t.absorbed_id = any($2::uuid[])',
    order: IN_LOG_ORDER,
  },
  suggestedMerges: {
    table: 'identity_suggestion',
    where: 't.members && $2::uuid[]',
    order: 't.suggestion_id',
  },
  declaredDifferent: {
    table: 'identity_difference',
    where: 't.left_id = any($2::uuid[]) or t.right_id = any($2::uuid[])',
    order: 't.left_id, t.right_id',
  },
  traitChanges: { table: 'trait_change', where: BY_CUSTOMER, order: IN_LOG_ORDER },
  consents: { table: 'consent', where: BY_CUSTOMER, order: 't.purpose, t.channel' },
  consentChanges: { table: 'consent_change', where: BY_CUSTOMER, order: IN_LOG_ORDER },
  segments: { table: 'segment_membership', where: BY_CUSTOMER, order: 't.segment_key' },
  segmentChanges: {
    table: 'segment_membership_change',
    where: BY_CUSTOMER,
    order: IN_LOG_ORDER,
  },
  predictions: { table: 'prediction_score', where: BY_CUSTOMER, order: 't.prediction_key' },
  enrolments: {
    table: 'enrolment',
    where: 't.subject_id = any($2::uuid[]) or t.customer_id = any($2::uuid[])',
    order: 't.entered_position, t.entered_ordinal, t.enrolment_id',
  },
  waits: { table: 'wait', where: ENROLLED, order: 't.enrolment_id, t.seq' },
  trail: { table: 'trail', where: ENROLLED, order: 't.enrolment_id, t.seq, t.entry' },
  goals: { table: 'goal_conversion', where: ENROLLED, order: 't.enrolment_id, t.goal_id' },
  operatorRequests: { table: 'operator_request', where: ENROLLED, order: 't.created_at' },
  deliveries: {
    table: 'delivery',
    where: `t.subject_id = any($2::uuid[]) or ${ENROLLED}`,
    order: 't.reserved_at, t.delivery_key',
  },
  // That a code was given, and by which message; the code itself is in the message.
  coupons: {
    table:
      '(select workspace_id, pool_key, delivery_key, customer_id, assigned_at from coupon_code)',
    where: BY_CUSTOMER,
    order: 't.assigned_at, t.pool_key',
  },
};

/** Read last, in pages: there may be many. */
const EVENTS: Section = { table: 'event', where: BY_CUSTOMER, order: IN_LOG_ORDER };

export const EXPORT_SECTIONS: readonly string[] = [
  ...Object.keys(SECTIONS),
  'suppressions',
  'events',
];

const PAGE = 1_000;

interface Wanted {
  readonly customerIds: readonly string[];
  readonly section: string;
  readonly after: ExportPlace | null;
}

export async function exportPage(
  client: Queryable,
  workspaceId: string,
  { customerIds, section, after }: Wanted,
): Promise<ExportPage> {
  if (section === 'events') return eventsPage(client, workspaceId, { customerIds, after });
  if (section === 'suppressions')
    return { section, rows: await suppressions(client, workspaceId, customerIds), after: null };
  const of = SECTIONS[section];
  if (of === undefined) return { section, rows: [], after: null };
  const { rows } = await client.query<{ row: JsonObject }>(
    `select to_jsonb(t) - 'workspace_id' as row from ${of.table} t where t.workspace_id = $1 and (${of.where}) order by ${of.order}`,
    [workspaceId, customerIds],
  );
  return { section, rows: rows.map(({ row }) => row), after: null };
}

async function eventsPage(
  client: Queryable,
  workspaceId: string,
  { customerIds, after }: Omit<Wanted, 'section'>,
): Promise<ExportPage> {
  const { rows } = await client.query<{ row: JsonObject } & ExportPlace>(
    `select to_jsonb(t) - 'workspace_id' as row, t.position, t.ordinal from ${EVENTS.table} t
      where t.workspace_id = $1 and ${EVENTS.where} and (t.position, t.ordinal) > ($3::bigint, $4::int)
      order by ${EVENTS.order} limit ${PAGE}`,
    [workspaceId, customerIds, after?.position ?? 0, after?.ordinal ?? -1],
  );
  const last = rows.at(-1);
  const more = rows.length === PAGE && last !== undefined;
  return {
    section: 'events',
    rows: rows.map(({ row }) => row),
    after: more ? { position: last.position, ordinal: last.ordinal } : null,
  };
}

/** Kept by the hash of an address, so it is asked for by every address that the person has. */
async function suppressions(
  client: Queryable,
  workspaceId: string,
  customerIds: readonly string[],
): Promise<JsonObject[]> {
  const addresses = await client.query<{ address: string }>(
    `select value as address from identifier where workspace_id = $1 and customer_id = any($2::uuid[]) and type = 'email'
     union select traits #>> '{email,v}' from customer
      where workspace_id = $1 and customer_id = any($2::uuid[]) and traits #>> '{email,v}' is not null`,
    [workspaceId, customerIds],
  );
  const hashes = addresses.rows.map(({ address }) => addressHash('email', address));
  const { rows } = await client.query<{ row: JsonObject }>(
    `select to_jsonb(t) - 'workspace_id' as row from suppression t where t.workspace_id = $1 and t.address_hash = any($2::bytea[])`,
    [workspaceId, hashes],
  );
  return rows.map(({ row }) => row);
}
