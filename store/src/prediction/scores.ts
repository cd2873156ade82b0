/**
 * Scores become known page by page: the score, the traits that it changes as inputs of the lane, and the cursor of the run are one
 * transaction.
 */
import { bandOf, listTraitNames, traitsOfScore, type Band } from '@throughline/domain/prediction';
import type { PredictionDefinition } from '@throughline/domain/prediction/schemas';
import type { InternalEvent } from '@throughline/domain/ingestion';
import type { JsonObject } from '@throughline/domain/shared';
import { appendInternal } from '../ingestion/append.js';
import { derivedId, type Queryable } from '../shared/index.js';
import { changedTraits, type TraitHolder } from './changed-traits.js';
import { percentileOf, type DraftScore } from './drafts.js';
import { changePredictionRun, type PredictionRun } from './runs.js';

type Drafted = DraftScore & TraitHolder;

export interface PublishPage {
  readonly run: PredictionRun;
  readonly definition: PredictionDefinition;
  readonly limit: number;
  /** ms since epoch: when the traits change. A journey starts nobody by what is old. */
  readonly now: number;
}

/**
 * Under the lock of the run. Customers are held, so that nobody is forgotten in between; the append lock comes last, so this is the
 * last thing in its transaction.
 */
export async function publishScores(
  client: Queryable,
  workspaceId: string,
  { run, definition, limit, now }: PublishPage,
): Promise<void> {
  const { rows } = await client.query<Drafted>(
    `select d.customer_id as "customerId", d.probability, d.value, d.reasons, d.features, c.traits
       from prediction_draft d
       join customer c on c.workspace_id = $1 and c.customer_id = d.customer_id and c.merged_into is null
      where d.workspace_id = $1 and d.run_id = $2 and ($3::uuid is null or d.customer_id > $3)
      order by d.customer_id limit $4 for key share of c`,
    [workspaceId, run.runId, run.cursor, limit],
  );
  const told = rows.map((draft) => {
    const percentile = percentileOf(run.cutpoints ?? [], draft.probability);
    const band = bandOf(draft.probability, definition.bands);
    const { probability, value } = draft;
    const traits = traitsOfScore(definition, { probability, percentile, band, value });
    return { draft, percentile, band, changes: changedTraits(draft, traits) };
  });
  await writeScores(
    client,
    { workspaceId, run },
    told.map(({ draft, percentile, band }) => ({ ...withoutTraits(draft), percentile, band })),
  );
  const events = told.flatMap(({ draft, changes }) =>
    changes === null
      ? []
      : [traitEvent(run, { customerId: draft.customerId, traits: changes, at: now })],
  );
  const next = rows.length < limit ? null : (rows.at(-1)?.customerId ?? null);
  await changePredictionRun(
    client,
    { workspaceId, runId: run.runId },
    { cursor: next, changed: events.length, ...(next === null ? { phase: 'retire' } : {}) },
  );
  await appendInternal(client, workspaceId, events);
}

function withoutTraits({ customerId, probability, value, reasons, features }: Drafted): DraftScore {
  return { customerId, probability, value, reasons, features };
}

type PublishedScore = DraftScore & { readonly percentile: number; readonly band: Band };

async function writeScores(
  client: Queryable,
  { workspaceId, run }: { readonly workspaceId: string; readonly run: PredictionRun },
  scores: readonly PublishedScore[],
): Promise<void> {
  await client.query(
    `insert into prediction_score (workspace_id, prediction_key, customer_id, run_id, model_id, scored_at, probability, percentile,
                                   band, value, reasons, features)
     select $1, $2, r."customerId", $3, $4, $5, r.probability, r.percentile, r.band, nullif(r.value, 'null'), r.reasons, r.features
       from json_to_recordset($6::json) as r("customerId" uuid, probability float8, percentile float8, band text, value jsonb,
                                             reasons jsonb, features jsonb)
     on conflict (workspace_id, prediction_key, customer_id) do update set run_id = excluded.run_id, model_id = excluded.model_id,
       scored_at = excluded.scored_at, probability = excluded.probability, percentile = excluded.percentile, band = excluded.band,
       value = excluded.value, reasons = excluded.reasons, features = excluded.features`,
    [
      workspaceId,
      run.key,
      run.runId,
      run.modelId,
      new Date(run.snapshotAt).toISOString(),
      JSON.stringify(scores),
    ],
  );
}

/** Whoever has a score of an earlier run and none of this one has no history any more: their traits are unset. */
export async function retireScores(
  client: Queryable,
  workspaceId: string,
  { run, definition, limit, now }: PublishPage,
): Promise<void> {
  const { rows } = await client.query<TraitHolder & { customerId: string; merged: boolean }>(
    `with gone as (
       delete from prediction_score where (workspace_id, prediction_key, customer_id) in (
         select workspace_id, prediction_key, customer_id from prediction_score
          where workspace_id = $1 and prediction_key = $2 and run_id <> $3 order by customer_id limit $4)
       returning customer_id)
     select g.customer_id as "customerId", c.traits, c.merged_into is not null as merged
       from gone g join customer c on c.workspace_id = $1 and c.customer_id = g.customer_id order by g.customer_id`,
    [workspaceId, run.key, run.runId, limit],
  );
  const nothing: JsonObject = Object.fromEntries(
    listTraitNames(definition).map((name) => [name, null]),
  );
  const events = rows.flatMap(({ customerId, traits, merged }) => {
    const changes = merged ? null : changedTraits({ traits }, nothing);
    return changes === null ? [] : [traitEvent(run, { customerId, traits: changes, at: now })];
  });
  await changePredictionRun(
    client,
    { workspaceId, runId: run.runId },
    { changed: events.length, ...(rows.length < limit ? { phase: 'over' } : {}) },
  );
  await appendInternal(client, workspaceId, events);
}

/** One of a model, customer and run: a page that is written twice changes nothing the second time. */
function traitEvent(
  { runId, modelId, snapshotAt }: PredictionRun,
  {
    customerId,
    traits,
    at,
  }: Pick<InternalEvent, 'customerId' | 'at'> & { readonly traits: JsonObject },
): InternalEvent {
  return {
    messageId: derivedId(snapshotAt, 'prediction', modelId ?? '', customerId, runId),
    type: 'identify',
    name: 'Identify',
    customerId,
    at,
    traits,
    hop: 0,
  };
}
