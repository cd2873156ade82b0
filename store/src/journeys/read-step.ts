/** The one statement that a step reads by. */
import type { RunState, TriggerContext } from '@throughline/domain/journeys';
import type { Facts, Traits } from '@throughline/domain/profiles';
import type { Queryable } from '../shared/index.js';
import { SubjectMoved, type EnrolmentRef } from './customer-lock.js';
import type {
  DeliveryFacts,
  ExitRequest,
  FiredWait,
  OpenRequest,
  StepRow,
  StoredCommand,
} from './types.js';

/** Who must see the same row twice must ask with a lock held; see customer-lock.ts. */
export async function readStep(
  client: Queryable,
  enrolment: EnrolmentRef,
  lockedId: string,
): Promise<StepRow> {
  const { rows } = await client.query<Row>({
    name: 'read-step',
    text: READ,
    values: [enrolment.workspaceId, enrolment.enrolmentId],
  });
  const [row] = rows;
  if (row?.subject_id !== lockedId) throw new SubjectMoved();
  return stepRow(row);
}

const READ = `
  select e.customer_id, e.subject_id, e.journey_key, e.version, e.state, e.outcome, e.generation, e.seq, e.run_state, e.command, e.trigger, e.entered_at,
         e.consumed_position, e.consumed_ordinal, e.consumed_clock, e.exit_request, e.held_reason,
         c.traits, c.facts,
         array(select m.segment_key from segment_membership m
                where m.workspace_id = $1 and m.customer_id = e.subject_id) as segments,
         (select jsonb_agg(jsonb_build_object('requestId', r.request_id, 'kind', r.kind, 'args', r.args)
                           order by r.created_at, r.request_id)
            from operator_request r
           where r.workspace_id = $1 and r.enrolment_id = $2 and r.verdict is null) as requests,
         array(select s.scope || ':' || s.target from sending_stop s where s.workspace_id = $1) as stops,
         w.seq as wait_seq, w.deadline as wait_deadline, w.restarts as wait_restarts, w.fired as wait_fired, w.overdue as wait_overdue,
         d.state as delivery_state, d.reason as delivery_reason, d.blocked_by as delivery_blocked_by,
         d.blocked_until as delivery_blocked_until,
         d.connection_key as delivery_connection, d.settled_at as delivery_settled_at,
         l.position as lane_position, l.clock as lane_clock,
         j.state as journey_state, clock_timestamp() as now
    from enrolment e
    join customer c on c.workspace_id = $1 and c.customer_id = e.subject_id
    left join lane l on l.workspace_id = $1
    left join definition j on j.workspace_id = $1 and j.kind = 'journey' and j.key = e.journey_key
    left join wait w on w.workspace_id = $1 and w.enrolment_id = $2 and w.seq = e.seq and w.closed_at is null
    left join delivery d on d.workspace_id = $1 and d.enrolment_id = $2 and e.command ->> 'kind' = 'deliver'
                        and d.step_id = e.command ->> 'step' and d.visit = (e.command ->> 'visit')::int
   where e.workspace_id = $1 and e.enrolment_id = $2`;

interface Row {
  readonly customer_id: string;
  readonly subject_id: string;
  readonly journey_key: string;
  readonly version: number;
  readonly state: StepRow['state'];
  readonly outcome: string | null;
  readonly generation: number;
  readonly seq: number;
  readonly run_state: RunState;
  readonly command: StoredCommand | null;
  readonly trigger: TriggerContext;
  readonly entered_at: number;
  readonly consumed_position: number;
  readonly consumed_ordinal: number;
  readonly consumed_clock: number;
  readonly exit_request: ExitRequest | null;
  readonly held_reason: string | null;
  readonly traits: Traits;
  readonly facts: Facts;
  readonly segments: readonly string[];
  readonly requests: readonly OpenRequest[] | null;
  readonly stops: readonly string[];
  readonly wait_seq: number | null;
  readonly wait_deadline: number | null;
  readonly wait_restarts: number | null;
  readonly wait_fired: FiredWait | null;
  readonly wait_overdue: boolean | null;
  readonly delivery_state: DeliveryFacts['state'] | null;
  readonly delivery_reason: string | null;
  readonly delivery_blocked_by: string | null;
  readonly delivery_blocked_until: number | null;
  readonly delivery_connection: string | null;
  readonly delivery_settled_at: number | null;
  readonly lane_position: number | null;
  readonly lane_clock: number | null;
  readonly journey_state: string | null;
  readonly now: number;
}

function stepRow(row: Row): StepRow {
  return {
    customerId: row.customer_id,
    subjectId: row.subject_id,
    journeyKey: row.journey_key,
    version: row.version,
    state: row.state,
    outcome: row.outcome,
    generation: row.generation,
    seq: row.seq,
    runState: row.run_state,
    command: row.command,
    trigger: row.trigger,
    enteredAt: row.entered_at,
    consumed: {
      position: row.consumed_position,
      ordinal: row.consumed_ordinal,
      clock: row.consumed_clock,
    },
    exitRequest: row.exit_request,
    heldReason: row.held_reason,
    traits: row.traits,
    facts: row.facts,
    segments: row.segments,
    requests: row.requests ?? [],
    wait: waitOf(row),
    delivery: deliveryOf(row),
    lane: { position: row.lane_position ?? 0, clock: row.lane_clock ?? Number.NEGATIVE_INFINITY },
    journeyState: row.journey_state ?? 'live',
    stops: row.stops,
    now: row.now,
  };
}

function waitOf(row: Row): StepRow['wait'] {
  if (row.wait_seq === null) return null;
  return {
    deadline: row.wait_deadline,
    restarts: row.wait_restarts ?? 0,
    fired: row.wait_fired,
    overdue: row.wait_overdue ?? false,
  };
}

function deliveryOf(row: Row): StepRow['delivery'] {
  if (row.delivery_state === null) return null;
  return {
    state: row.delivery_state,
    reason: row.delivery_reason,
    blockedBy: row.delivery_blocked_by,
    blockedUntil: row.delivery_blocked_until,
    connectionKey: row.delivery_connection ?? '',
    settledAt: row.delivery_settled_at,
  };
}
