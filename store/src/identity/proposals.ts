/** What a run found, on its way to suggestions and merges: written as a whole, settled page by page. */
import type { Queryable } from '../shared/index.js';
import { derivedId } from '../shared/index.js';
import { readDifferences, type Pair } from './reconcile-customers.js';
import { RUN_COLUMNS, type Group, type ReconcileRun } from './reconcile-runs.js';

interface RunRef {
  readonly workspaceId: string;
  readonly runId: string;
}

export interface Match {
  readonly customers: number;
  readonly candidates: number;
  /** { column: kind } */
  readonly compared: Readonly<Record<string, string>>;
  readonly groups: readonly Group[];
}

const PREVIEWED = 50;
const GROUPS_PER_INSERT = 500;

/** Nothing is written where the run has been matched before, or is over. */
export async function writeMatch(client: Queryable, ref: RunRef, match: Match): Promise<void> {
  const run = await lockRun(client, ref);
  if (run?.state !== 'running' || run.proposed !== null) return;
  const { workspaceId, runId } = ref;
  const { groups } = match;
  for (let from = 0; !run.dryRun && from < groups.length; from += GROUPS_PER_INSERT) {
    await client.query(
      `insert into reconcile_proposal (workspace_id, run_id, seq, members, weakest, strongest, evidence)
       select $1, $2, $3::int + (o - 1)::int, array(select jsonb_array_elements_text(g -> 'members')::uuid),
              (g ->> 'weakest')::float8, (g ->> 'strongest')::float8, g -> 'evidence'
         from jsonb_array_elements($4::jsonb) with ordinality as e (g, o)`,
      [workspaceId, runId, from, JSON.stringify(groups.slice(from, from + GROUPS_PER_INSERT))],
    );
  }
  await client.query(
    `update reconcile_run set customers = $3, candidates = $4, proposed = $5, compared = $6, preview = $7
      where workspace_id = $1 and run_id = $2`,
    [
      workspaceId,
      runId,
      match.customers,
      match.candidates,
      groups.length,
      JSON.stringify(match.compared),
      JSON.stringify(run.dryRun ? groups.slice(0, PREVIEWED) : []),
    ],
  );
}

async function lockRun(
  client: Queryable,
  { workspaceId, runId }: RunRef,
): Promise<(ReconcileRun & { readonly nextSeq: number }) | null> {
  const { rows } = await client.query<ReconcileRun & { readonly nextSeq: number }>(
    `select ${RUN_COLUMNS}, next_seq as "nextSeq" from reconcile_run where workspace_id = $1 and run_id = $2 for update`,
    [workspaceId, runId],
  );
  return rows[0] ?? null;
}

export interface SettledPage {
  readonly state: 'more' | 'over';
  /** the caller appends them to the log, last in this transaction */
  readonly merges: readonly Pair[];
}

interface Proposal extends Group {
  readonly seq: number;
  /** customers who are themselves, of the members */
  readonly present: number;
}

/** The cursor moves in the same transaction: a page that was settled is not settled again. */
export async function settlePage(
  client: Queryable,
  ref: RunRef,
  limit: number,
): Promise<SettledPage> {
  const run = await lockRun(client, ref);
  if (run?.state !== 'running') return { state: 'over', merges: [] };
  const proposals = await readProposals(client, ref, { from: run.nextSeq, limit });
  const last = proposals.at(-1);
  if (last === undefined) return { state: 'over', merges: [] };
  const differences = new Set((await readDifferences(client, ref.workspaceId)).map(pairKey));
  const merges: Pair[] = [];
  const counts = { suggested: 0, merged: 0, skipped: 0 };
  for (const proposal of proposals) {
    const isAuto = run.autoAt !== null && proposal.weakest >= run.autoAt;
    if (!(await suggest(client, { ref, run, proposal, differences, isAuto }))) counts.skipped += 1;
    else if (isAuto) {
      counts.merged += 1;
      merges.push(...chainOf(proposal.members));
    } else counts.suggested += 1;
  }
  await client.query(
    `update reconcile_run set next_seq = $3, suggested = suggested + $4, merged = merged + $5, skipped = skipped + $6
      where workspace_id = $1 and run_id = $2`,
    [ref.workspaceId, ref.runId, last.seq + 1, counts.suggested, counts.merged, counts.skipped],
  );
  return { state: proposals.length < limit ? 'over' : 'more', merges };
}

async function readProposals(
  client: Queryable,
  { workspaceId, runId }: RunRef,
  page: { readonly from: number; readonly limit: number },
): Promise<Proposal[]> {
  const { rows } = await client.query<Proposal>(
    `select p.seq, p.members, p.weakest, p.strongest, p.evidence,
            (select count(*)::int from customer c
              where c.workspace_id = $1 and c.customer_id = any(p.members) and c.merged_into is null) as present
       from reconcile_proposal p where p.workspace_id = $1 and p.run_id = $2 and p.seq >= $3 order by p.seq limit $4`,
    [workspaceId, runId, page.from, page.limit],
  );
  return rows;
}

interface ToSuggest {
  readonly ref: RunRef;
  readonly run: ReconcileRun;
  readonly proposal: Proposal;
  readonly differences: ReadonlySet<string>;
  readonly isAuto: boolean;
}

/** False where the customers have moved on since they were compared, or somebody has decided about them. */
async function suggest(
  client: Queryable,
  { ref, run, proposal, differences, isAuto }: ToSuggest,
): Promise<boolean> {
  const { members, weakest, strongest, evidence, present } = proposal;
  if (present !== members.length) return false;
  if (pairsOf(members).some((pair) => differences.has(pairKey(pair)))) return false;
  const { rowCount } = await client.query(
    `insert into identity_suggestion
            (workspace_id, suggestion_id, members, run_id, weakest, strongest, evidence, state, decided_by, decided_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8::text, $9, case when $8::text = 'accepted' then clock_timestamp() end)
     on conflict (workspace_id, members) do update set run_id = excluded.run_id, weakest = excluded.weakest,
       strongest = excluded.strongest, evidence = excluded.evidence, state = excluded.state, decided_by = excluded.decided_by,
       decided_at = excluded.decided_at
     where identity_suggestion.state in ('open', 'superseded')`,
    [
      ref.workspaceId,
      derivedId(run.requestedAt, 'suggestion', ref.workspaceId, ...members),
      members,
      ref.runId,
      weakest,
      strongest,
      JSON.stringify(evidence),
      isAuto ? 'accepted' : 'open',
      isAuto ? 'threshold' : null,
    ],
  );
  return rowCount === 1;
}

/** Over: what earlier runs suggested and this one did not find again is no longer open. */
export async function closeRun(
  client: Queryable,
  ref: RunRef,
  state: 'done' | 'cancelled',
): Promise<void> {
  const { workspaceId, runId } = ref;
  const run = await lockRun(client, ref);
  if (run === null || run.state === 'done' || run.state === 'cancelled') return;
  if (state === 'done' && !run.dryRun) {
    await client.query(
      `update identity_suggestion set state = 'superseded' where workspace_id = $1 and state = 'open' and run_id <> $2`,
      [workspaceId, runId],
    );
  }
  await client.query(`delete from reconcile_proposal where workspace_id = $1 and run_id = $2`, [
    workspaceId,
    runId,
  ]);
  await client.query(
    `update reconcile_run set state = $3, finished_at = clock_timestamp() where workspace_id = $1 and run_id = $2`,
    [workspaceId, runId, state],
  );
}

/** Merges that make one of several: the lane finds out who has become whom by then. */
export function chainOf([first, ...others]: readonly string[]): Pair[] {
  return first === undefined ? [] : others.map((other): Pair => [first, other]);
}

export function pairsOf(members: readonly string[]): Pair[] {
  return members.flatMap((left, index) =>
    members.slice(index + 1).map((right): Pair => [left, right]),
  );
}

export function pairKey([left, right]: Pair): string {
  return left < right ? `${left} ${right}` : `${right} ${left}`;
}
