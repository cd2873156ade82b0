/** What is said of a customer, and by which model. */
import type { Reason } from '@throughline/domain/prediction';
import type { Queryable } from '../shared/index.js';
import type { ValueScore } from './drafts.js';

export interface CustomerScore {
  readonly key: string;
  readonly modelId: string;
  readonly runId: string;
  readonly scoredAt: number;
  readonly probability: number;
  readonly percentile: number;
  readonly band: string;
  readonly value: ValueScore | null;
  readonly reasons: readonly Reason[];
  readonly features: Readonly<Record<string, number | null>>;
}

/** Of the customer, or of whom they have become; null where there is no such customer. */
export async function readCustomerScores(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<CustomerScore[] | null> {
  const { rows: found } = await client.query<{ id: string }>(
    `select coalesce(merged_into, customer_id) as id from customer where workspace_id = $1 and customer_id = $2`,
    [workspaceId, customerId],
  );
  const [customer] = found;
  if (customer === undefined) return null;
  const { rows } = await client.query<CustomerScore>(
    `select prediction_key as key, model_id as "modelId", run_id as "runId", scored_at as "scoredAt", probability, percentile, band,
            value, reasons, features
       from prediction_score where workspace_id = $1 and customer_id = $2 order by prediction_key`,
    [workspaceId, customer.id],
  );
  return rows;
}

/** Scores of a run with their numbers, some thousand of them: enough to see whether they have moved. */
export async function readScoredSample(
  client: Queryable,
  workspaceId: string,
  { key, runId, limit }: { readonly key: string; readonly runId: string; readonly limit: number },
): Promise<Pick<CustomerScore, 'probability' | 'features'>[]> {
  const { rows } = await client.query<Pick<CustomerScore, 'probability' | 'features'>>(
    `select probability, features from prediction_score
      where workspace_id = $1 and prediction_key = $2 and run_id = $3 order by hashtext(customer_id::text), customer_id limit $4`,
    [workspaceId, key, runId, limit],
  );
  return rows;
}
