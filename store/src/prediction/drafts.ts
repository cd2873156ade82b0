/**
 * Scores that are not told yet, page by page: a percentile needs everybody's. The cursor moves in the transaction that writes them.
 */
import type { Reason } from '@throughline/domain/prediction';
import type { Queryable } from '../shared/index.js';
import { changePredictionRun } from './runs.js';

export interface ValueScore {
  /** over the horizon, with the interval around it */
  readonly expected: number;
  readonly low: number;
  readonly high: number;
  /** ms since epoch; null: none is expected */
  readonly nextOrderAt: number | null;
  /** recency, frequency, money: three digits of 1 to 5, 5 best */
  readonly rfm: string;
  readonly group: string;
}

export interface DraftScore {
  readonly customerId: string;
  readonly probability: number;
  readonly value: ValueScore | null;
  readonly reasons: readonly Reason[];
  readonly features: Readonly<Record<string, number | null>>;
}

export interface RunPlace {
  readonly workspaceId: string;
  readonly runId: string;
}

/** A page of scores and the cursor behind it; at the last page the population is measured and publishing begins. */
export async function writeDraftPage(
  client: Queryable,
  place: RunPlace,
  { scores, next }: { readonly scores: readonly DraftScore[]; readonly next: string | null },
): Promise<void> {
  const { workspaceId, runId } = place;
  await client.query(
    `insert into prediction_draft (workspace_id, run_id, customer_id, probability, value, reasons, features)
     select $1, $2, r."customerId", r.probability, nullif(r.value, 'null'), r.reasons, r.features
       from json_to_recordset($3::json) as r("customerId" uuid, probability float8, value jsonb, reasons jsonb, features jsonb)
     on conflict (workspace_id, run_id, customer_id) do nothing`,
    [workspaceId, runId, JSON.stringify(scores)],
  );
  await changePredictionRun(client, place, {
    cursor: next,
    scored: scores.length,
    ...(next === null ? { phase: 'publish' } : {}),
  });
  if (next === null) await writeCutpoints(client, place);
}

async function writeCutpoints(client: Queryable, { workspaceId, runId }: RunPlace): Promise<void> {
  await client.query(
    `update prediction_run set cutpoints = (
       select percentile_disc(array(select (n / 1000.0)::float8 from generate_series(0, 1000) n)) within group (order by probability)
         from prediction_draft where workspace_id = $1 and run_id = $2)
      where workspace_id = $1 and run_id = $2`,
    [workspaceId, runId],
  );
}

/** How much of the population has a lower score, 0 to 1; those that are equal share the middle of their place. */
export function percentileOf(cutpoints: readonly number[], probability: number): number {
  const last = cutpoints.length - 1;
  if (last < 1) return 0.5;
  const below = firstAtLeast(cutpoints, (cut) => cut >= probability);
  const upTo = firstAtLeast(cutpoints, (cut) => cut > probability);
  return Math.min(1, Math.max(0, (below + Math.max(below, upTo - 1)) / 2 / last));
}

function firstAtLeast(sorted: readonly number[], holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(sorted[middle] ?? Number.POSITIVE_INFINITY)) high = middle;
    else low = middle + 1;
  }
  return low;
}
