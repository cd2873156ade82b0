/** The one statement that a step writes by: rows that belong together cannot be half written, and each saves a round trip. */
import type { InternalEvent } from '@throughline/domain/ingestion';
import { appendInternal } from '../ingestion/append.js';
import type { Queryable } from '../shared/index.js';
import type { Progress } from './progress.js';
import { timestampText } from './timestamp.js';
import type { StepRequest } from './types.js';

export async function writeStep(
  client: Queryable,
  request: StepRequest,
  progress: Progress,
): Promise<void> {
  if (progress.moved) await writeMoved(client, request, progress);
  else await writeUnmoved(client, request, progress);
  if (progress.updates.length > 0) {
    // Last: this takes the append lock, which nobody may hold while waiting for another.
    await appendInternal(
      client,
      request.workspaceId,
      await updateEvents(client, request, progress),
    );
  }
}

async function writeMoved(
  client: Queryable,
  request: StepRequest,
  progress: Progress,
): Promise<void> {
  const { row, state, consumed } = progress;
  const { place } = state;
  const waits = waitRows(progress);
  const endedAt =
    place.kind === 'ended' ? timestampText(progress.trail.at(-1)?.at ?? row.now) : null;
  await client.query({
    name: 'write-step',
    text: WRITE,
    values: [
      request.workspaceId,
      request.enrolmentId,
      progress.seq,
      place.kind === 'ended' ? 'ended' : place.kind === 'held' ? 'held' : 'active',
      place.kind === 'ended' ? place.outcome : null,
      place.kind === 'held' ? place.reason : null,
      JSON.stringify(state),
      JSON.stringify(progress.command),
      consumed.position,
      consumed.ordinal,
      timestampText(consumed.clock),
      endedAt,
      JSON.stringify(waits),
      JSON.stringify(progress.trail.map((entry) => ({ ...entry, at: timestampText(entry.at) }))),
      JSON.stringify(progress.verdicts),
      JSON.stringify(progress.deliveries),
      row.journeyKey,
      row.version,
      Math.max(request.generation, row.generation),
      progress.leftFirstWait || place.kind === 'ended' ? row.seq : -1,
    ],
  });
}

const WRITE = `
  with closed as (
    update wait set closed_at = clock_timestamp()
     where workspace_id = $1 and enrolment_id = $2 and seq = $20 and closed_at is null),
  opened as (
    insert into wait (workspace_id, enrolment_id, seq, step_id, subscriptions, deadline, restarts, fired, overdue, closed_at)
    select $1, $2, r.seq, r."stepId", r.subscriptions, r.deadline, r.restarts, r.fired, not r.closed and r.fired is null and coalesce(r.deadline <= clock_timestamp(), false),
           case when r.closed then clock_timestamp() end
      from jsonb_to_recordset($13::jsonb) as r(seq int, "stepId" text, subscriptions jsonb, deadline timestamptz, restarts int,
                                               fired jsonb, closed boolean)),
  trailed as (
    insert into trail (workspace_id, enrolment_id, seq, entry, journey_key, version, at, step_id, visit, kind, detail)
    select $1, $2, r.seq, r.entry, $17, $18, r.at, r.step, r.visit, r.kind, r.detail
      from jsonb_to_recordset($14::jsonb) as r(seq int, entry int, at timestamptz, step text, visit int, kind text, detail jsonb)),
  judged as (
    update operator_request o set verdict = r.verdict
      from jsonb_to_recordset($15::jsonb) as r("requestId" text, verdict jsonb)
     where o.workspace_id = $1 and o.enrolment_id = $2 and o.request_id = r."requestId"),
  settled as (
    update delivery d set state = r.state, reason = r.reason, blocked_by = null, settled_at = clock_timestamp()
      from jsonb_to_recordset($16::jsonb) as r(step text, visit int, state text, reason text)
     where d.workspace_id = $1 and d.enrolment_id = $2 and d.step_id = r.step and d.visit = r.visit
       and d.state in ('reserved', 'sending'))
  update enrolment
     set seq = $3, state = $4, outcome = $5, held_reason = $6, run_state = $7, command = $8,
         consumed_position = $9, consumed_ordinal = $10, consumed_clock = $11::timestamptz, ended_at = $12::timestamptz,
         generation = $19, updated_at = clock_timestamp()
   where workspace_id = $1 and enrolment_id = $2`;

/** A wait that was entered and ended in this transaction is written with its end: the trail's rows stay explained. */
function waitRows({ waits, wait, seq, moved }: Progress): unknown[] {
  const open = moved && wait !== null ? [{ seq, wait, closed: false }] : [];
  return [...waits, ...open].map((row) => ({
    seq: row.seq,
    closed: row.closed,
    stepId: row.wait.step,
    subscriptions: row.wait.subscriptions,
    deadline: row.wait.deadline === null ? null : timestampText(row.wait.deadline),
    restarts: row.wait.restarts,
    fired:
      row.wait.fired === null ? null : { branch: row.wait.fired.branch, ...row.wait.fired.ref },
  }));
}

/** The command stays; what may change is a request that was refused, and a deadline that the lane has yet to pass. */
async function writeUnmoved(
  client: Queryable,
  request: StepRequest,
  progress: Progress,
): Promise<void> {
  const becameOverdue = isNewlyOverdue(progress);
  if (progress.verdicts.length === 0 && !becameOverdue) return;
  await client.query(
    `with judged as (
       update operator_request o set verdict = r.verdict
         from jsonb_to_recordset($3::jsonb) as r("requestId" text, verdict jsonb)
        where o.workspace_id = $1 and o.enrolment_id = $2 and o.request_id = r."requestId")
     update wait set overdue = true
      where workspace_id = $1 and enrolment_id = $2 and seq = $4 and closed_at is null and $5`,
    [
      request.workspaceId,
      request.enrolmentId,
      JSON.stringify(progress.verdicts),
      progress.seq,
      becameOverdue,
    ],
  );
}

/** A deadline that our clock has passed and the lane's has not: the lane is asked to wake this run when it does. */
export function isOverdue({ wait, row }: Progress): boolean {
  return wait?.deadline != null && wait.fired === null && wait.deadline <= row.now;
}

function isNewlyOverdue(progress: Progress): boolean {
  return isOverdue(progress) && progress.row.wait?.overdue === false;
}

async function updateEvents(
  client: Queryable,
  request: StepRequest,
  { updates, row, trail }: Progress,
): Promise<InternalEvent[]> {
  const hop = (await triggerHop(client, request)) + 1;
  return updates.map(({ step, visit, traits }) => ({
    messageId: `${request.enrolmentId}:${step}:${visit}:update`,
    type: 'identify',
    name: 'Identify',
    customerId: row.customerId,
    at: trail.find((entry) => entry.step === step && entry.visit === visit)?.at ?? row.now,
    traits,
    hop,
  }));
}

/** How many times our own events have led to one another up to the trigger; the lane stops the eighth. */
async function triggerHop(client: Queryable, request: StepRequest): Promise<number> {
  const { rows } = await client.query<{ hop: number }>(
    `select e.hop from enrolment n
       join event e on e.workspace_id = $1 and e.position = n.entered_position and e.ordinal = n.entered_ordinal
                   and e.clock >= n.entered_at and e.clock < n.entered_at + interval '1 ms'
      where n.workspace_id = $1 and n.enrolment_id = $2`,
    [request.workspaceId, request.enrolmentId],
  );
  return rows[0]?.hop ?? 0;
}
