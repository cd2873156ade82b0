import type { Condition } from '@throughline/domain/segments';
import type { Queryable } from '../shared/index.js';
import { compileCondition, membersSql, type ConditionAt } from './compile-condition.js';
import { SqlParameters } from './sql-parameters.js';

const PAGE = 10_000;

/**
 * Everybody who meets a condition, page by page out of one statement: whatever the size of the segment, a page of it is in memory.
 * Runs in the caller's transaction (asReader), which must stay open until the last page.
 */
export async function* recomputeMembers(
  client: Queryable,
  condition: Condition,
  at: ConditionAt,
): AsyncGenerator<readonly string[]> {
  const { text, values } = compileCondition(condition, at);
  await client.query(`declare segment_members no scroll cursor for ${text}`, [...values]);
  for (;;) {
    const { rows } = await client.query<{ customer_id: string }>(
      `fetch ${PAGE} from segment_members`,
    );
    if (rows.length > 0) yield rows.map((row) => row.customer_id);
    if (rows.length < PAGE) break;
  }
  await client.query('close segment_members');
}

export interface MembershipDrift {
  readonly members: number;
  /** those who meet the condition and are not in the segment */
  readonly entering: number;
  /** those who are in the segment and do not meet the condition */
  readonly leaving: number;
}

/** A condition against the present members of a segment: what a change would do, and what a rebuild has to mend. */
export async function compareMembers(
  client: Queryable,
  condition: Condition,
  { segment, ...at }: ConditionAt & { readonly segment: string },
): Promise<MembershipDrift> {
  const parameters = new SqlParameters();
  const members = membersSql(condition, at, parameters);
  const { rows } = await client.query<MembershipDrift>(
    `select count(n.customer_id)::int as members,
            count(*) filter (where m.customer_id is null)::int as entering,
            count(*) filter (where n.customer_id is null)::int as leaving
       from (${members}) n
       full join (select customer_id from segment_membership
                   where workspace_id = ${parameters.bind(at.workspaceId, 'uuid')}
                     and segment_key = ${parameters.bind(segment, 'text')}) m on m.customer_id = n.customer_id`,
    [...parameters.values],
  );
  return rows[0] ?? { members: 0, entering: 0, leaving: 0 };
}
