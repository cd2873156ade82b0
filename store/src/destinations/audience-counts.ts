/** What a run has counted so far; added to in the transaction that did what is counted. */
import type { Queryable } from '../shared/index.js';
import type { AudienceCounts, AudienceRunRef } from './audience-types.js';

const MOST_CUSTOMERS = 5;

export async function addCounts(
  client: Queryable,
  { workspaceId, runId }: AudienceRunRef,
  more: AudienceCounts,
): Promise<void> {
  await client.query(
    `update audience_run r set counts = r.counts || coalesce((
        select jsonb_object_agg(n.key, coalesce((r.counts ->> n.key)::bigint, 0) + n.value::bigint)
          from jsonb_each_text($3::jsonb) n where n.value::bigint > 0), '{}'::jsonb)
      where r.workspace_id = $1 and r.run_id = $2`,
    [workspaceId, runId, JSON.stringify(more)],
  );
}

/** By code, with some of the customers whom it befell. */
export async function addFailures(
  client: Queryable,
  { workspaceId, runId }: AudienceRunRef,
  failed: readonly { readonly customerId: string; readonly code: string }[],
): Promise<void> {
  const codes = [...new Set(failed.map(({ code }) => code))];
  for (const code of codes) {
    const customers = failed.flatMap((one) => (one.code === code ? [one.customerId] : []));
    await client.query(
      `update audience_run set failures = jsonb_set(failures, array[$3], jsonb_build_object(
          'count', coalesce((failures #>> array[$3, 'count'])::bigint, 0) + $4::bigint,
          'customers', case when jsonb_array_length(coalesce(failures #> array[$3, 'customers'], '[]')) < $6
                            then coalesce(failures #> array[$3, 'customers'], '[]') || $5::jsonb
                            else failures #> array[$3, 'customers'] end))
        where workspace_id = $1 and run_id = $2`,
      [
        workspaceId,
        runId,
        code,
        customers.length,
        JSON.stringify(customers.slice(0, MOST_CUSTOMERS)),
        MOST_CUSTOMERS,
      ],
    );
  }
}
