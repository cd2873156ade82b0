import {
  DEFAULT_DEFINITION,
  RulesComparison,
  type IdentifierRef,
  type IdentityRules,
  type IdentityRulesDefinition,
  type RuleComparison,
} from '@throughline/domain/identity';
import { IdentityRulesSchema } from '@throughline/domain/identity/schemas';
import type { Queryable } from '../shared/index.js';

/** The key of the one definition of its kind. */
export const RULES_KEY = 'rules';

/** What holds for the events that come in now; ours until the workspace has published its own. */
export async function readLiveRules(
  client: Queryable,
  workspaceId: string,
): Promise<IdentityRulesDefinition> {
  const { rows } = await client.query<{ body: unknown }>(
    `select v.body from definition d join definition_version v using (workspace_id, kind, key)
      where d.workspace_id = $1 and d.kind = 'identity' and d.key = $2 and d.archived_at is null and v.version = d.live_version`,
    [workspaceId, RULES_KEY],
  );
  const [row] = rows;
  return row === undefined ? DEFAULT_DEFINITION : IdentityRulesSchema.parse(row.body);
}

const PAGE = 5_000;

export interface Comparing {
  readonly before: IdentityRules;
  readonly after: IdentityRules;
  /** so many events, from the first: a preview is not to read for hours */
  readonly most: number;
}

export interface ComparedRules extends RuleComparison {
  /** false: there are more events than were looked at */
  readonly complete: boolean;
}

/** What other rules would have made of the events that are here, page by page; nothing is written. */
export async function compareRules(
  client: Queryable,
  workspaceId: string,
  { before, after, most }: Comparing,
): Promise<ComparedRules> {
  const comparison = new RulesComparison(before, after);
  for (const { a, b } of await readSeparations(client, workspaceId)) comparison.separate(a, b);
  let taken = 0;
  let from: readonly [number, number] = [-1, 0];
  for (;;) {
    const limit = Math.min(PAGE, most - taken + 1);
    const rows = await readPage(client, workspaceId, { from, limit });
    for (const row of rows.slice(0, most - taken)) {
      const { position, ordinal, clock, identifiers } = row;
      comparison.take({ at: { position, ordinal, clock }, identifiers });
    }
    taken += rows.length;
    const last = rows.at(-1);
    if (taken > most) return { ...comparison.result(), complete: false };
    if (last === undefined || rows.length < limit)
      return { ...comparison.result(), complete: true };
    from = [last.position, last.ordinal];
  }
}

interface NamingRow {
  readonly position: number;
  readonly ordinal: number;
  readonly clock: number;
  readonly identifiers: readonly IdentifierRef[];
}

/** Our own events name a customer and no identifiers: they say nothing about identity. */
async function readPage(
  client: Queryable,
  workspaceId: string,
  { from, limit }: { readonly from: readonly [number, number]; readonly limit: number },
): Promise<NamingRow[]> {
  const { rows } = await client.query<NamingRow>(
    `select position, ordinal, clock, (body -> 'identifiers') || coalesce(body -> 'previous', '[]') as identifiers from event
      where workspace_id = $1 and (position, ordinal) > ($2::bigint, $3::int) and body -> 'identifiers' <> '[]'
      order by position, ordinal limit $4`,
    [workspaceId, ...from, limit],
  );
  return rows;
}

async function readSeparations(
  client: Queryable,
  workspaceId: string,
): Promise<{ readonly a: IdentifierRef; readonly b: IdentifierRef }[]> {
  const { rows } = await client.query<{ a: IdentifierRef; b: IdentifierRef }>(
    `select jsonb_build_object('type', type_a, 'value', value_a) as a, jsonb_build_object('type', type_b, 'value', value_b) as b
       from identity_separation where workspace_id = $1`,
    [workspaceId],
  );
  return rows;
}
