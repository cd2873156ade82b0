import type { Queryable } from '../shared/index.js';

export interface MergeRow {
  readonly survivorId: string;
  readonly absorbedId: string;
  readonly at: number;
  readonly position: number;
  readonly ordinal: number;
  readonly cause: 'event' | 'operator';
  readonly undonePosition: number | null;
  /** both sides were kept, so that they can be parted again */
  readonly undoable: boolean;
}

const COLUMNS = `m.survivor_id as "survivorId", m.absorbed_id as "absorbedId", m.at, m.position, m.ordinal, m.cause,
  m.undone_position as "undonePosition", m.undone_position is null and m.survivor_state is not null as undoable`;

/** The merges in which a customer, or somebody who became them, took part; newest first. */
export async function readMerges(
  client: Queryable,
  workspaceId: string,
  customerIds: readonly string[],
): Promise<MergeRow[]> {
  const { rows } = await client.query<MergeRow>(
    `select ${COLUMNS} from customer_merge m
      where m.workspace_id = $1 and (m.survivor_id = any($2::uuid[]) or m.absorbed_id = any($2::uuid[]))
      order by m.position desc, m.ordinal desc, m.rank desc limit 200`,
    [workspaceId, customerIds],
  );
  return rows;
}

interface Wanted {
  readonly absorbedId: string | null;
  readonly position: number | null;
}

/** The merge that an unmerge means: of this profile, by the input at this position, or both; the latest of several. */
export function pickMerge(
  merges: readonly MergeRow[],
  { absorbedId, position }: Wanted,
): MergeRow | undefined {
  return merges.find(
    (merge) =>
      merge.undoable &&
      (absorbedId === null || merge.absorbedId === absorbedId) &&
      (position === null || merge.position === position),
  );
}
