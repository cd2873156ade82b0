import { isJsonObject, type StampedRef } from '@throughline/domain/shared';
import { STATEMENTS } from './lane-statements.js';
import type { CommandContext } from './lane-commands.js';
import { loadPinned } from './lane-definitions.js';
import { separate } from './lane-separation.js';
import type { Queryable } from '../shared/index.js';
import { findMerge, readClusterOf, type Cluster } from './unmerge-cluster.js';
import { canUnmerge, replayWithout } from './unmerge-replay.js';
import { planRuns } from './unmerge-runs.js';
import { writeProfiles, type UnmergeWriting } from './unmerge-write-profiles.js';
import { writeRuns } from './unmerge-write-runs.js';

/** Parts two people again: the one who was absorbed, by the merge at `position`, or by the latest. */
export interface UnmergeCommand {
  readonly kind: 'unmerge';
  readonly absorbedId: string;
  readonly position: number | null;
}

export function isUnmergeCommand(value: unknown): value is UnmergeCommand {
  return (
    isJsonObject(value) &&
    value['kind'] === 'unmerge' &&
    typeof value['absorbedId'] === 'string' &&
    (value['position'] === null || typeof value['position'] === 'number')
  );
}

/**
 * As if the merge had never been: both go back to where they were just before it and have their own events since applied once
 * more. Events were never rewritten. What linked them is remembered, so that the same evidence does not merge them again.
 */
export async function unmerge(
  client: Queryable,
  { workspaceId, definitions, row }: CommandContext,
  { absorbedId, position }: UnmergeCommand,
): Promise<void> {
  const canonicalId = await survivorOf(client, workspaceId, absorbedId);
  if (canonicalId === null) return;
  const cluster = await readClusterOf(client, workspaceId, canonicalId);
  const merge = findMerge(cluster.merges, absorbedId, position);
  if (merge === undefined || !canUnmerge(cluster, merge)) return;
  const ref: StampedRef = { position: row.position, ordinal: 0, clock: row.clock };
  await loadPinned(client, workspaceId, pinned(cluster), definitions);
  const parted = await replayWithout(client, { cluster, merge, definitions, ref });
  const writing = { client, cluster, parted, definitions, ref };
  await writeProfiles(writing);
  await writeRuns(writing, planRuns(cluster, parted, ref));
  await writeGoals(writing);
  await separate(writing);
  await client.query(
    `update customer_merge set undone_position = $5
      where workspace_id = $1 and position = $2 and ordinal = $3 and absorbed_id = $4`,
    [workspaceId, merge.position, merge.ordinal, absorbedId, ref.position],
  );
}

async function survivorOf(
  client: Queryable,
  workspaceId: string,
  customerId: string,
): Promise<string | null> {
  const { rows } = await client.query<{ merged_into: string | null }>(
    'select merged_into from customer where workspace_id = $1 and customer_id = $2',
    [workspaceId, customerId],
  );
  return rows[0]?.merged_into ?? null;
}

function pinned({ enrolments }: Cluster): { key: string; version: number }[] {
  const wanted = enrolments.map(({ journey_key: key, version }) => ({ key, version }));
  return [...new Map(wanted.map((one) => [`${one.key}@${one.version}`, one])).values()];
}

/** A goal that only the other person's event reached is nobody's. */
async function writeGoals({ client, cluster, parted }: UnmergeWriting): Promise<void> {
  const { workspaceId } = cluster;
  const runs = cluster.enrolments.map((row) => row.enrolment_id);
  await client.query(
    `delete from goal_conversion g using json_to_recordset($3::json) as r(position bigint, ordinal int)
      where g.workspace_id = $1 and g.enrolment_id = any($2::uuid[]) and g.position = r.position and g.ordinal = r.ordinal`,
    [workspaceId, runs, JSON.stringify(parted.applied)],
  );
  await client.query(STATEMENTS.goals, [workspaceId, JSON.stringify(parted.writes.goals)]);
}
