import type { LaneDefinitions } from './lane-definitions.js';
import type { NewEnrolment } from './lane-work.js';
import type { UnmergeWriting } from './unmerge-write-profiles.js';

interface Side {
  readonly id: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly entryKey: string;
  readonly owner: string;
}

/**
 * What went out while the two were one went out to both of them: the other's run of the same journey passes it by. What had gone
 * out before the merge did not.
 */
export async function writeShared(
  { client, cluster, parted, definitions }: UnmergeWriting,
  starts: readonly NewEnrolment[],
): Promise<void> {
  const sides: Side[] = [
    ...cluster.enrolments.map((row) => ({
      id: row.enrolment_id,
      journeyKey: row.journey_key,
      version: row.version,
      entryKey: row.entry_key,
      owner: parted.ownerOf(row.customer_id),
    })),
    ...starts.map((start) => ({
      id: start.enrolment_id,
      journeyKey: start.journey_key,
      version: start.version,
      entryKey: start.entry_key,
      owner: start.subject_id,
    })),
  ];
  const kept = new Set(parted.writes.enrolments.map((row) => row.enrolment_id));
  const rows = cluster.enrolments.flatMap((row) => {
    const own = sides.find(({ id }) => id === row.enrolment_id);
    const stood = parted.standing.get(row.enrolment_id);
    const sentBefore = stood?.run?.sent ?? [];
    const sent = row.sent.filter((name) => !sentBefore.includes(name));
    if (own === undefined || sent.length === 0) return [];
    const isVoid = stood === undefined && !kept.has(row.enrolment_id);
    return sides
      .filter((other) => other.id !== own.id && (isVoid || other.owner !== own.owner))
      .filter((other) => competes(definitions, own, other))
      .flatMap((other) => sent.map((name) => sharedRow(other.id, name)));
  });
  if (rows.length === 0) return;
  await client.query(
    `insert into delivery_shared (workspace_id, enrolment_id, step_id, visit)
     select $1, r.* from json_to_recordset($2::json) as r(enrolment_id uuid, step_id text, visit int) on conflict do nothing`,
    [cluster.workspaceId, JSON.stringify(rows)],
  );
}

function competes(definitions: LaneDefinitions, a: Side, b: Side): boolean {
  if (a.journeyKey !== b.journeyKey) return false;
  const keyed = definitions.journey(a.journeyKey, a.version)?.entry.reentry === 'perKey';
  return !keyed || a.entryKey === b.entryKey;
}

function sharedRow(id: string, name: string): unknown {
  const colon = name.lastIndexOf(':');
  return { enrolment_id: id, step_id: name.slice(0, colon), visit: Number(name.slice(colon + 1)) };
}
