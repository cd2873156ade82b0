import type { Queryable } from '../shared/index.js';

export interface Overlap {
  /** in the order that was asked for */
  readonly segments: readonly string[];
  /** `matrix[i][j]`: people in both; the diagonal is the size of each */
  readonly matrix: readonly (readonly number[])[];
}

/**
 * Who is in which of a few segments at once. Each person is read once, as the set of segments she is in: at most 2^n different
 * sets come back, and pairs are counted out of those.
 */
export async function readOverlap(
  client: Queryable,
  workspaceId: string,
  segments: readonly string[],
): Promise<Overlap> {
  const { rows } = await client.query<{ mask: number; people: number }>(
    `select mask, count(*)::int as people
       from (select bit_or(1 << (array_position($2::text[], segment_key) - 1)) as mask
               from segment_membership where workspace_id = $1 and segment_key = any($2::text[])
              group by customer_id) sets
      group by mask`,
    [workspaceId, segments],
  );
  const both = (i: number, j: number): number =>
    rows
      .filter(({ mask }) => (mask & (1 << i)) !== 0 && (mask & (1 << j)) !== 0)
      .reduce((sum, { people }) => sum + people, 0);
  const matrix = segments.map((_, i) => segments.map((__, j) => both(i, j)));
  return { segments, matrix };
}
