import { assertNever, type StampedRef } from '@throughline/domain/shared';
import { timestampText } from '../journeys/timestamp.js';
import type { Queryable } from '../shared/index.js';
import { STATEMENTS } from './lane-statements.js';
import type { NewEnrolment } from './lane-work.js';
import type { EnrolmentRow } from './unmerge-cluster.js';
import type { RunChange, RunPlan } from './unmerge-runs.js';
import { writeShared } from './unmerge-write-shared.js';
import { profilesOf, type UnmergeWriting } from './unmerge-write-profiles.js';

/**
 * Hands the runs back and sets right those that are not where their own history has them. What gives way goes first: entries are
 * unique per subject.
 */
export async function writeRuns(writing: UnmergeWriting, plan: RunPlan): Promise<void> {
  const { client, cluster, parted } = writing;
  const giving = plan.changes.filter(({ kind }) => kind === 'void' || kind === 'supersede');
  for (const change of giving) await writeChange(writing, change);
  await client.query(HAND_BACK, [
    cluster.workspaceId,
    cluster.canonicalId,
    parted.freed.id,
    profilesOf(writing, parted.freed.id),
  ]);
  for (const change of plan.changes)
    if (!giving.includes(change)) await writeChange(writing, change);
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
      await client.query(GIVE_WAY, [workspaceId, id, unmerged(ref)]);
      return wake(client, workspaceId, change.row);
    case 'supersede':
      await client.query(GIVE_WAY, [workspaceId, id, JSON.stringify(change.exit)]);
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

function unmerged({ position, clock }: StampedRef): string {
  return JSON.stringify({ reason: 'unmerged', position, ordinal: 0, clock });
}

const GIVE_WAY = `
  update enrolment set superseded = true, updated_at = clock_timestamp(),
         exit_request = case when state = 'ended' then exit_request else nullif($3::jsonb, 'null') end
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

function waitValues({ deadline, restarts, fired }: NonNullable<Returned['wait']>): unknown[] {
  return [
    deadline === null ? null : timestampText(deadline),
    restarts,
    fired === null ? null : JSON.stringify(fired),
  ];
}

type Returned = Extract<RunChange, { kind: 'return' }>;

interface Returning {
  readonly client: Queryable;
  readonly workspaceId: string;
  readonly ref: StampedRef;
}

/**
 * A new command with a number above all that were given, so that no run remembers it: the state is the old one. Where the run has
 * not moved since, it is still asking for the command it had, and only its exit is taken back.
 */
async function giveBack(returning: Returning, change: Returned): Promise<void> {
  const { client, workspaceId } = returning;
  const { row, run, wait, exit } = change;
  const moved = row.seq > run.seq || row.state === 'ended';
  const seq = moved ? row.seq + 1 : row.seq;
  await client.query(RETURN, [
    workspaceId,
    row.enrolment_id,
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
  if (moved) return goOn(returning, change, seq);
  if (wait !== null) await adjust(client, workspaceId, { kind: 'adjust', row, wait, exit: null });
  return wake(client, workspaceId, row);
}

/** A new run for what has moved on, or ended: with its wait, and without what the end kept back. */
async function goOn(
  { client, workspaceId, ref }: Returning,
  { row, run, wait }: Returned,
  seq: number,
): Promise<void> {
  const { enrolment_id: id, journey_key: key, version } = row;
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
  const step = 'step' in place ? place.step : null;
  const visit = 'visit' in place ? place.visit : null;
  await client.query(TRAIL, [
    workspaceId,
    id,
    seq,
    key,
    version,
    timestampText(ref.clock),
    step,
    visit,
  ]);
  await client.query(RESTART, [workspaceId, id, key, row.generation + 1]);
}

const TRAIL = `
  insert into trail (workspace_id, enrolment_id, seq, entry, journey_key, version, at, step_id, visit, kind, detail)
  values ($1, $2, $3, 0, $4, $5, $6, $7, $8, 'resumed', '{"reason": "unmerged"}')`;

const RESTART = `
  insert into outbox (workspace_id, enrolment_id, journey_key, kind, generation)
  select $1, $2, $3, kind, $4 from (values (1, 'restart'), (2, 'wake')) as k(rank, kind) order by rank`;

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

/** With the exits that they would have met by now; one that would have given way since begins only to end as merged. */
async function writeStarts(
  { client, cluster, parted }: UnmergeWriting,
  starts: readonly NewEnrolment[],
): Promise<void> {
  if (starts.length === 0) return;
  const { workspaceId } = cluster;
  const { exits } = parted.writes;
  const rows = starts.map((start) => {
    const met = exits.filter((exit) => exit.enrolment_id === start.enrolment_id);
    const own = met.find(({ superseded }) => !superseded) ?? met[0];
    const superseded = met.some((exit) => exit.superseded);
    return { ...start, superseded, exit_request: own?.exit_request ?? null };
  });
  await client.query(START, [workspaceId, JSON.stringify(rows)]);
  await client.query(STATEMENTS.starts, [workspaceId, JSON.stringify(starts)]);
}

const START = `
  insert into enrolment (workspace_id, enrolment_id, journey_key, version, customer_id, subject_id, entry_key, state, run_state, trigger,
    entered_at, entered_position, entered_ordinal, consumed_position, consumed_ordinal, consumed_clock, superseded, exit_request)
  select $1, r.enrolment_id, r.journey_key, r.version, r.customer_id, r.subject_id, r.entry_key, 'active', r.run_state, r.trigger,
         r.clock, r.position, r.ordinal, r.position, r.ordinal, '-infinity', r.superseded, r.exit_request
    from json_to_recordset($2::json) as r(enrolment_id uuid, journey_key text, version int, customer_id uuid, subject_id uuid,
      entry_key text, run_state jsonb, trigger jsonb, clock timestamptz, position bigint, ordinal int, superseded boolean, exit_request jsonb)`;
