import type { Queryable } from '../shared/index.js';
import { withRuns } from './lane-snapshot.js';
import type { CustomerWork, LaneWrites } from './lane-work.js';

/** In the order of the log: a survivor may be absorbed by the next merge of the same batch. */
export async function writeMerges(
  client: Queryable,
  workspaceId: string,
  writes: LaneWrites,
): Promise<void> {
  if (writes.merges.length === 0) return;
  const complete = await withRuns(
    client,
    workspaceId,
    writes.merges.flatMap((merge) => [merge.survivor_state, merge.absorbed_state]),
  );
  for (const merge of writes.merges) {
    // Losers first: the unique entry of the survivor must be free before subjects move.
    const losers = writes.exits.filter(({ superseded }) => superseded);
    if (losers.length > 0) await client.query(SUPERSEDE, [workspaceId, JSON.stringify(losers)]);
    for (const statement of MERGE) {
      await client.query(statement, [workspaceId, merge.absorbed_id, merge.survivor_id]);
    }
    await client.query(MERGE_IDENTIFIERS, [
      workspaceId,
      merge.absorbed_id,
      merge.survivor_id,
      merge.position,
      merge.ordinal,
      merge.at,
    ]);
    await client.query(REMEMBER, [
      workspaceId,
      merge.position,
      merge.ordinal,
      merge.rank,
      merge.survivor_id,
      merge.absorbed_id,
      merge.at,
      merge.cause,
      JSON.stringify(complete(merge.survivor_state)),
      JSON.stringify(complete(merge.absorbed_state)),
    ]);
  }
}

const SUPERSEDE = `
  update enrolment e set superseded = true, exit_request = coalesce(e.exit_request, r.exit_request), updated_at = clock_timestamp()
    from json_to_recordset($2::json) as r(enrolment_id uuid, exit_request jsonb)
   where e.workspace_id = $1 and e.enrolment_id = r.enrolment_id`;

const MERGE = [
  'update customer set merged_into = $3 where workspace_id = $1 and merged_into = $2',
  'update enrolment set subject_id = $3 where workspace_id = $1 and subject_id = $2',
  'update delivery set subject_id = $3 where workspace_id = $1 and subject_id = $2',
];

const MERGE_IDENTIFIERS = `
  with moved as (
    update identifier set customer_id = $3 where workspace_id = $1 and customer_id = $2 returning type, value
  )
  insert into identifier_change (workspace_id, position, ordinal, type, value, change, from_customer_id, to_customer_id, at)
  select $1, $4, $5, type, value, 'moved', $2, $3, $6 from moved
  on conflict do nothing`;

const REMEMBER = `
  insert into customer_merge (workspace_id, position, ordinal, rank, survivor_id, absorbed_id, at, cause, survivor_state, absorbed_state)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;

/** Of customers that took part in a merge, consents and memberships are written whole: deltas would name the absorbed. */
export async function clearMerged(
  client: Queryable,
  workspaceId: string,
  customers: readonly CustomerWork[],
): Promise<void> {
  if (customers.length === 0) return;
  for (const table of ['consent', 'segment_membership'] as const) {
    await client.query(
      `delete from ${table} where workspace_id = $1 and customer_id = any($2::uuid[])`,
      [workspaceId, customers.map(({ id }) => id)],
    );
  }
}
