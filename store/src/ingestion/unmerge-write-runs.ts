import { assertNever, type StampedRef } from '@throughline/domain/shared';
import { timestampText } from '../journeys/timestamp.js';
import type { Queryable } from '../shared/index.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { STATEMENTS } from './lane-statements.js';
import type { NewEnrolment } from './lane-work.js';
import type { Cluster, EnrolmentRow } from './unmerge-cluster.js';
import type { Parted } from './unmerge-replay.js';
import type { RunChange, RunPlan } from './unmerge-runs.js';
import { profilesOf, type UnmergeWriting } from './unmerge-write-profiles.js';

/**
 * Hands the runs back and sets right those that are not where their own history has them. What gives way goes first: entries are
 * unique per subject.
 */
export async function writeRuns(writing: UnmergeWriting, plan: RunPlan): Promise<void> {
  const { client, cluster, parted } = writing;
  const order = ['void', 'supersede', 'release', 'return', 'adjust'] as const;
  const giving = plan.changes.filter(({ kind }) => kind === 'void' || kind === 'supersede');
  for (const change of giving) await writeChange(writing, change);
  await client.query(HAND_BACK, [
    cluster.workspaceId,
    cluster.canonicalId,
    parted.freed.id,
    profilesOf(writing, parted.freed.id),
  ]);
  for (const kind of order.slice(2))
    for (const change of plan.changes) if (change.kind === kind) await writeChange(writing, change);
  const starts = await startable(writing, plan.starts);
  await writeStarts(writing, starts);
  await writeShared(writing, starts);
}

const HAND_BACK = `
  with mine as (
    update enrolment set subject_id = $3
     where workspace_id = $1 and subject_id = $2 and customer_id = any($4::uuid[]) returning enrolment_id
  )
  update delivery d set subject_id = $3 from mine where d.workspace_id = $1 and d.enrolment_id = mine.enrolment_id`;

async function writeChange(
  { client, cluster, ref }: UnmergeWriting,
  change: RunChange,
): Promise<void> {
  const { workspaceId } = cluster;
  const { enrolment_id: id } = change.row;
  switch (change.kind) {
    case 'void':
      await client.query(GIVE_WAY, [workspaceId, id, exitBecause('unmerged', ref)]);
      return wake(client, workspaceId, change.row);
    case 'supersede':
      await client.query(GIVE_WAY, [workspaceId, id, exitBecause('merged', ref)]);
      return wake(client, workspaceId, change.row);
    case 'release':
      await client.query(
        'update enrolment set superseded = false where workspace_id = $1 and enrolment_id = $2',
        [workspaceId, id],
      );
      return;
    case 'adjust':
      await adjust(client, workspaceId, change);
      return wake(client, workspaceId, change.row);
    case 'return':
      return giveBack({ client, workspaceId, ref }, change);
    default:
      return assertNever(change);
  }
}

function exitBecause(reason: string, { position, clock }: StampedRef): string {
  return JSON.stringify({ reason, position, ordinal: 0, clock });
}

const GIVE_WAY = `
  update enrolment set superseded = true, updated_at = clock_timestamp(),
         exit_request = case when state = 'ended' then exit_request else coalesce(exit_request, $3::jsonb) end
   where workspace_id = $1 and enrolment_id = $2`;

async function adjust(
  client: Queryable,
  workspaceId: string,
  { row, wait, exit }: Extract<RunChange, { kind: 'adjust' }>,
): Promise<void> {
  if (exit !== null) {
    await client.query(
      `update enrolment set exit_request = $3, updated_at = clock_timestamp()
        where workspace_id = $1 and enrolment_id = $2 and exit_request is null`,
      [workspaceId, row.enrolment_id, JSON.stringify(exit)],
    );
  }
  if (wait === null) return;
  await client.query(
    'update wait set deadline = $4, restarts = $5, fired = $6 where workspace_id = $1 and enrolment_id = $2 and seq = $3',
    [workspaceId, row.enrolment_id, wait.seq, ...waitValues(wait)],
  );
}

function waitValues({
  deadline,
  restarts,
  fired,
}: NonNullable<Extract<RunChange, { kind: 'return' }>['wait']>): unknown[] {
  return [
    deadline === null ? null : timestampText(deadline),
    restarts,
    fired === null ? null : JSON.stringify(fired),
  ];
}

interface Returning {
  readonly client: Queryable;
  readonly workspaceId: string;
  readonly ref: StampedRef;
}

/**
 * A new command with a number above all that were given, so that no run remembers it: the state is the old one. Where the run has
 * not moved since, it is still asking for the command it had, and only its exit is taken back.
 */
async function giveBack(
  { client, workspaceId, ref }: Returning,
  { row, run, wait, exit }: Extract<RunChange, { kind: 'return' }>,
): Promise<void> {
  const moved = row.seq > run.seq || row.state === 'ended';
  const seq = moved ? row.seq + 1 : row.seq;
  const id = row.enrolment_id;
  await client.query(RETURN, [
    workspaceId,
    id,
    seq,
    run.state,
    run.heldReason,
    JSON.stringify(run.runState),
    run.command === null ? null : JSON.stringify(run.command),
    run.consumed.position,
    run.consumed.ordinal,
    run.consumed.clock,
    exit === null ? null : JSON.stringify(exit),
    moved ? row.generation + 1 : row.generation,
  ]);
  if (!moved) {
    if (wait !== null) await adjust(client, workspaceId, { kind: 'adjust', row, wait, exit: null });
    return wake(client, workspaceId, row);
  }
  await client.query(
    'update wait set closed_at = clock_timestamp() where workspace_id = $1 and enrolment_id = $2 and closed_at is null',
    [workspaceId, id],
  );
  if (wait !== null) {
    await client.query(
      `insert into wait (workspace_id, enrolment_id, seq, step_id, subscriptions, deadline, restarts, fired)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [workspaceId, id, seq, wait.stepId, JSON.stringify(wait.subscriptions), ...waitValues(wait)],
    );
  }
  // What the exit kept back has still to go out; what went out, or was decided against, stays as it is.
  await client.query(
    `delete from delivery where workspace_id = $1 and enrolment_id = $2 and state = 'skipped' and reason = 'exited'`,
    [workspaceId, id],
  );
  const { place } = run.runState;
  await client.query(
    `insert into trail (workspace_id, enrolment_id, seq, entry, journey_key, version, at, step_id, visit, kind, detail)
     values ($1, $2, $3, 0, $4, $5, $6, $7, $8, 'resumed', '{"reason": "unmerged"}')`,
    [
      workspaceId,
      id,
      seq,
      row.journey_key,
      row.version,
      timestampText(ref.clock),
      'step' in place ? place.step : null,
      'visit' in place ? place.visit : null,
    ],
  );
  await client.query(
    `insert into outbox (workspace_id, enrolment_id, journey_key, kind, generation)
     select $1, $2, $3, kind, $4 from (values (1, 'restart'), (2, 'wake')) as k(rank, kind) order by rank`,
    [workspaceId, id, row.journey_key, row.generation + 1],
  );
}

const RETURN = `
  update enrolment
     set superseded = false, seq = $3, state = $4, outcome = null, ended_at = null, held_reason = $5, run_state = $6, command = $7,
         consumed_position = $8, consumed_ordinal = $9, consumed_clock = $10::timestamptz, exit_request = $11, generation = $12,
         updated_at = clock_timestamp()
   where workspace_id = $1 and enrolment_id = $2`;

async function wake(
  client: Queryable,
  workspaceId: string,
  { enrolment_id: id, journey_key: key, generation, state }: EnrolmentRow,
): Promise<void> {
  if (state === 'ended') return;
  await client.query(
    `insert into outbox (workspace_id, enrolment_id, journey_key, kind, generation) values ($1, $2, $3, 'wake', $4)`,
    [workspaceId, id, key, generation],
  );
}

/** Only into versions that were live when what they begin with happened; the replay knows the present ones. */
async function startable(
  { client, cluster, parted }: UnmergeWriting,
  starts: readonly NewEnrolment[],
): Promise<NewEnrolment[]> {
  if (starts.length === 0) return [];
  const { rows } = await client.query<{ enrolment_id: string; version: number }>(
    `select r.enrolment_id, max(v.version) as version
       from json_to_recordset($2::json) as r(enrolment_id uuid, journey_key text, position bigint)
       join definition_version v on v.workspace_id = $1 and v.kind = 'journey' and v.key = r.journey_key and v.live_position <= r.position
      group by r.enrolment_id`,
    [cluster.workspaceId, JSON.stringify(starts)],
  );
  const versions = new Map(rows.map((row) => [row.enrolment_id, row.version]));
  return starts.flatMap((start) => {
    const version = versions.get(start.enrolment_id);
    const subject = parted.ownerOf(start.customer_id);
    return version === undefined ? [] : [{ ...start, version, subject_id: subject }];
  });
}

async function writeStarts(
  { client, cluster, parted }: UnmergeWriting,
  starts: readonly NewEnrolment[],
): Promise<void> {
  if (starts.length === 0) return;
  const { workspaceId } = cluster;
  await client.query(STATEMENTS.enrolments, [workspaceId, JSON.stringify(starts)]);
  const ids = new Set(starts.map((start) => start.enrolment_id));
  const exits = parted.writes.exits.filter(
    (exit) => ids.has(exit.enrolment_id) && !exit.superseded,
  );
  if (exits.length > 0) await client.query(STATEMENTS.exits, [workspaceId, JSON.stringify(exits)]);
  await client.query(STATEMENTS.starts, [workspaceId, JSON.stringify(starts)]);
}

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
async function writeShared(
  { client, cluster, parted, definitions }: UnmergeWriting,
  starts: readonly NewEnrolment[],
): Promise<void> {
  const before = sentBefore(cluster, parted);
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
    const sent = row.sent.filter((name) => !(before.get(row.enrolment_id) ?? []).includes(name));
    if (own === undefined || sent.length === 0) return [];
    const isVoid = !before.has(row.enrolment_id) && !kept.has(row.enrolment_id);
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

/** By enrolment, what had gone out when the merge, or a later one that brought the enrolment in, was made. */
function sentBefore(cluster: Cluster, { merge }: Parted): ReadonlyMap<string, readonly string[]> {
  const sent = new Map<string, readonly string[]>();
  for (const one of cluster.merges) {
    if (one.position < merge.position) continue;
    for (const state of [one.survivorState, one.absorbedState])
      for (const { id, run } of state?.enrolments ?? [])
        if (!sent.has(id)) sent.set(id, run?.sent ?? []);
  }
  return sent;
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
