/** Which rows of the lane's own are a person's, table by table. A table that is added for people is added here. */
import type { Queryable } from '../shared/index.js';

/** rows by table */
export type ErasedCounts = Readonly<Record<string, number>>;

interface Whom {
  /** the person's profiles */
  readonly ids: readonly string[];
  readonly eraseId: string;
}

/** `$1` the workspace, `$2` the profiles. */
const OF_PERSON: Readonly<Record<string, string>> = {
  // Known again by its tombstone; the id may be made of somebody's data.
  message_seen: `delete from message_seen m using event e
    where m.workspace_id = $1 and e.workspace_id = $1 and e.customer_id = any($2::uuid[])
      and m.message_id = e.message_id and m.seen_at = e.clock`,
  event: own('event', 'customer_id'),
  trait_change: own('trait_change', 'customer_id'),
  consent: own('consent', 'customer_id'),
  consent_change: own('consent_change', 'customer_id'),
  segment_membership: own('segment_membership', 'customer_id'),
  segment_membership_change: own('segment_membership_change', 'customer_id'),
  segment_built: own('segment_built', 'customer_id'),
  customer_due: own('customer_due', 'customer_id'),
  identity_sighting: own('identity_sighting', 'customer_id'),
  // What a destination was told of them stays known until it has been taken out there; the audience's next run does that.
  audience_member: `update audience_member
    set erased = true, code = null, attempts = 0, op = case when page is null then 'remove' else op end
    where workspace_id = $1 and customer_id = any($2::uuid[]) and not erased`,
  identifier_change: `delete from identifier_change
    where workspace_id = $1 and (to_customer_id = any($2::uuid[]) or from_customer_id = any($2::uuid[]))`,
  customer_merge: `delete from customer_merge
    where workspace_id = $1 and (survivor_id = any($2::uuid[]) or absorbed_id = any($2::uuid[]))`,
  identifier: own('identifier', 'customer_id'),
  identity_suggestion:
    'delete from identity_suggestion where workspace_id = $1 and members && $2::uuid[]',
  reconcile_proposal:
    'delete from reconcile_proposal where workspace_id = $1 and members && $2::uuid[]',
  // A code that was given stays given, to nobody that is known.
  coupon_code: `update coupon_code set customer_id = null, delivery_key = 'erased:' || code_id
    where workspace_id = $1 and customer_id = any($2::uuid[])`,
  prediction_score: own('prediction_score', 'customer_id'),
  prediction_draft: own('prediction_draft', 'customer_id'),
  identity_difference: `delete from identity_difference
    where workspace_id = $1 and (left_id = any($2::uuid[]) or right_id = any($2::uuid[]))`,
};

/** By what the identifiers say; `$2` is the erasure. What they name may have no profile. */
const OF_IDENTIFIERS: Readonly<Record<string, string>> = {
  identity_sighting: `delete from identity_sighting s using erasure_identifier i
    where s.workspace_id = $1 and i.workspace_id = $1 and i.erase_id = $2 and s.type = i.type and s.value = i.value`,
  identity_separation: `delete from identity_separation s using erasure_identifier i
    where s.workspace_id = $1 and i.workspace_id = $1 and i.erase_id = $2
      and (s.type_a = i.type and s.value_a = i.value or s.type_b = i.type and s.value_b = i.value)`,
  identity_alert: `delete from identity_alert a using erasure_identifier i
    where a.workspace_id = $1 and i.workspace_id = $1 and i.erase_id = $2 and a.subject = i.type || ':' || i.value`,
};

/** By their runs; `$2` is the erasure. */
const OF_RUNS: readonly string[] = [
  'wait',
  'trail',
  'goal_conversion',
  'operator_request',
  'delivery_shared',
  'delivery',
];

function own(table: string, column: string): string {
  return `delete from ${table} where workspace_id = $1 and ${column} = any($2::uuid[])`;
}

/** Everything that says something about the person. The row itself stays, bare, until the runs have left. */
export async function erasePersonRows(
  client: Queryable,
  workspaceId: string,
  { ids, eraseId }: Whom,
): Promise<ErasedCounts> {
  const counts: Record<string, number> = {};
  const note = async (place: string, sql: string, whom: unknown): Promise<void> => {
    const { rowCount } = await client.query(sql, [workspaceId, whom]);
    counts[place] = (counts[place] ?? 0) + (rowCount ?? 0);
  };
  for (const [place, sql] of Object.entries(OF_PERSON)) await note(place, sql, ids);
  for (const [place, sql] of Object.entries(OF_IDENTIFIERS)) await note(place, sql, eraseId);
  for (const id of ids)
    await note(
      'identity_alert',
      `delete from identity_alert where workspace_id = $1 and subject = $2`,
      id,
    );
  // A statement of its own: whoever was being declared while the one above waited for them is seen as they are now.
  await client.query(UNHEARD, [workspaceId, ids]);
  await client.query(STRIP, [workspaceId, ids]);
  return counts;
}

const UNHEARD = `delete from audience_member
  where workspace_id = $1 and customer_id = any($2::uuid[]) and erased and told is null and page is null`;

const STRIP = `update customer set traits = '{}', facts = '{}' where workspace_id = $1 and customer_id = any($2::uuid[])`;

/** What the runs stood on, the runs themselves, and the bare rows. */
export async function eraseRunRows(
  client: Queryable,
  workspaceId: string,
  { ids, eraseId }: Whom,
): Promise<ErasedCounts> {
  const counts: Record<string, number> = {};
  const note = async (place: string, sql: string, whom: unknown): Promise<void> => {
    const { rowCount } = await client.query(sql, [workspaceId, whom]);
    counts[place] = (counts[place] ?? 0) + (rowCount ?? 0);
  };
  await client.query(WAKE, [workspaceId, eraseId]);
  for (const table of OF_RUNS)
    await note(
      table,
      `delete from ${table} t using erasure_run r
        where t.workspace_id = $1 and r.workspace_id = $1 and r.erase_id = $2 and t.enrolment_id = r.enrolment_id`,
      eraseId,
    );
  await note(
    'delivery',
    'delete from delivery where workspace_id = $1 and subject_id = any($2::uuid[])',
    ids,
  );
  await note(
    'enrolment',
    `delete from enrolment e using erasure_run r
      where e.workspace_id = $1 and r.workspace_id = $1 and r.erase_id = $2 and e.enrolment_id = r.enrolment_id`,
    eraseId,
  );
  // Whatever a backfill or a late word of ours has put there since.
  for (const [place, sql] of Object.entries(OF_PERSON)) await note(place, sql, ids);
  await note(
    'customer',
    'delete from customer where workspace_id = $1 and customer_id = any($2::uuid[])',
    ids,
  );
  return counts;
}

const WAKE = `
  insert into outbox (workspace_id, enrolment_id, journey_key, kind)
  select $1, e.enrolment_id, e.journey_key, 'wake'
    from enrolment e join erasure_run r on r.workspace_id = $1 and r.enrolment_id = e.enrolment_id
   where e.workspace_id = $1 and r.erase_id = $2 and e.state <> 'ended'`;
