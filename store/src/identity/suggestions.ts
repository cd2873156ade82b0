/** The review queue: groups of customers who are probably one, until somebody says so or not. Decisions are kept. */
import { ThroughlineError } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import { chainOf, pairKey, pairsOf } from './proposals.js';
import type { Pair } from './reconcile-customers.js';
import type { Group } from './reconcile-runs.js';

export const SUGGESTION_STATES = ['open', 'accepted', 'rejected', 'split', 'superseded'] as const;
export type SuggestionState = (typeof SUGGESTION_STATES)[number];

export interface Suggestion extends Group {
  readonly suggestionId: string;
  readonly runId: string;
  readonly state: SuggestionState;
  readonly decidedBy: string | null;
  readonly decidedAt: number | null;
  readonly groups: readonly (readonly string[])[] | null;
  readonly createdAt: number;
}

const COLUMNS = `suggestion_id as "suggestionId", members, run_id as "runId", weakest, strongest, evidence, state,
  decided_by as "decidedBy", decided_at as "decidedAt", groups, created_at as "createdAt"`;

/** Newest first. */
export async function listSuggestions(
  client: Queryable,
  workspaceId: string,
  page: {
    readonly state: SuggestionState | null;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<Suggestion[]> {
  const { rows } = await client.query<Suggestion>(
    `select ${COLUMNS} from identity_suggestion
      where workspace_id = $1 and ($2::text is null or state = $2) and ($3::uuid is null or suggestion_id < $3)
      order by suggestion_id desc limit $4`,
    [workspaceId, page.state, page.after, page.limit],
  );
  return rows;
}

export async function readSuggestion(
  client: Queryable,
  workspaceId: string,
  suggestionId: string,
): Promise<Suggestion | null> {
  const { rows } = await client.query<Suggestion>(
    `select ${COLUMNS} from identity_suggestion where workspace_id = $1 and suggestion_id = $2`,
    [workspaceId, suggestionId],
  );
  return rows[0] ?? null;
}

export type Decision =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected' }
  /** who belongs together; members that no group names are people of their own */
  | { readonly kind: 'split'; readonly groups: readonly (readonly string[])[] };

export interface Decided {
  readonly suggestion: Suggestion;
  /** the caller appends them to the log, last in this transaction */
  readonly merges: readonly Pair[];
}

export interface DecisionInput {
  readonly workspaceId: string;
  readonly suggestionId: string;
  readonly decision: Decision;
  readonly by: string;
}

/** Null where there is no such suggestion; one that was decided before is refused, whatever was decided. */
export async function decideSuggestion(
  client: Queryable,
  { workspaceId, suggestionId, decision, by }: DecisionInput,
): Promise<Decided | null> {
  const { rows } = await client.query<Suggestion>(
    `select ${COLUMNS} from identity_suggestion where workspace_id = $1 and suggestion_id = $2 for update`,
    [workspaceId, suggestionId],
  );
  const [suggestion] = rows;
  if (suggestion === undefined) return null;
  if (suggestion.state !== 'open')
    throw new ThroughlineError('conflict', `The suggestion is ${suggestion.state}.`);
  const groups = groupsOf(suggestion, decision);
  await declareDifferent(client, { workspaceId, by, pairs: across(groups) });
  const written = await client.query<Suggestion>(
    `update identity_suggestion set state = $3, decided_by = $4, decided_at = clock_timestamp(), groups = $5
      where workspace_id = $1 and suggestion_id = $2 returning ${COLUMNS}`,
    [
      workspaceId,
      suggestionId,
      decision.kind,
      by,
      decision.kind === 'split' ? JSON.stringify(groups) : null,
    ],
  );
  return { suggestion: written.rows[0] ?? suggestion, merges: groups.flatMap(chainOf) };
}

function groupsOf({ members }: Suggestion, decision: Decision): (readonly string[])[] {
  if (decision.kind === 'accepted') return [members];
  if (decision.kind === 'rejected') return members.map((member) => [member]);
  const named = decision.groups.flat();
  const isWrong = new Set(named).size !== named.length || named.some((id) => !members.includes(id));
  if (isWrong) {
    throw new ThroughlineError(
      'invalid_request',
      'Each group holds members of the suggestion, and nobody is in two.',
    );
  }
  const alone = members.filter((member) => !named.includes(member)).map((member) => [member]);
  const groups = [...decision.groups.filter((group) => group.length > 0), ...alone];
  if (groups.length > 1) return groups;
  throw new ThroughlineError('invalid_request', 'A split has at least two groups.');
}

function across(groups: readonly (readonly string[])[]): Pair[] {
  const together = new Set(groups.flatMap((group) => pairsOf(group)).map(pairKey));
  return pairsOf(groups.flat()).filter((pair) => !together.has(pairKey(pair)));
}

interface Difference {
  readonly workspaceId: string;
  readonly by: string;
  readonly pairs: readonly Pair[];
}

async function declareDifferent(
  client: Queryable,
  { workspaceId, by, pairs }: Difference,
): Promise<void> {
  if (pairs.length === 0) return;
  const sorted = pairs.map(([a, b]) => (a < b ? [a, b] : [b, a]));
  await client.query(
    `insert into identity_difference (workspace_id, left_id, right_id, declared_by)
     select $1, l, r, $4 from unnest($2::uuid[], $3::uuid[]) as p (l, r) on conflict do nothing`,
    [workspaceId, sorted.map(([left]) => left), sorted.map(([, right]) => right), by],
  );
}
