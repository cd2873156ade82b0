import type { JsonObject } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';

export type EnrolmentState = 'active' | 'held' | 'ended';

export interface Enrolment {
  readonly enrolmentId: string;
  readonly journeyKey: string;
  readonly version: number;
  readonly customerId: string;
  readonly subjectId: string;
  readonly state: EnrolmentState;
  readonly outcome: string | null;
  readonly heldReason: string | null;
  readonly generation: number;
  readonly seq: number;
  readonly runState: JsonObject;
  readonly command: JsonObject | null;
  readonly enteredAt: number;
  readonly endedAt: number | null;
  readonly updatedAt: number;
}

export interface TrailRow {
  readonly seq: number;
  readonly entry: number;
  readonly at: number;
  readonly stepId: string | null;
  readonly visit: number | null;
  readonly kind: string;
  readonly detail: JsonObject;
}

const COLUMNS = `enrolment_id as "enrolmentId", journey_key as "journeyKey", version, customer_id as "customerId",
  subject_id as "subjectId", state, outcome, held_reason as "heldReason", generation, seq, run_state as "runState",
  command, entered_at as "enteredAt", ended_at as "endedAt", updated_at as "updatedAt"`;

export async function readEnrolment(
  client: Queryable,
  workspaceId: string,
  enrolmentId: string,
): Promise<Enrolment | null> {
  const found = await client.query<Enrolment>(
    `select ${COLUMNS} from enrolment where workspace_id = $1 and enrolment_id = $2`,
    [workspaceId, enrolmentId],
  );
  return found.rows[0] ?? null;
}

export interface EnrolmentFilter {
  readonly journey: string | null;
  readonly state: EnrolmentState | null;
  readonly customer: string | null;
  readonly after: string | null;
  readonly limit: number;
}

/** Newest first: ids are UUIDv7 of the instant of entry. */
export async function listEnrolments(
  client: Queryable,
  workspaceId: string,
  filter: EnrolmentFilter,
): Promise<Enrolment[]> {
  const found = await client.query<Enrolment>(
    `select ${COLUMNS} from enrolment
      where workspace_id = $1 and ($2::text is null or journey_key = $2) and ($3::text is null or state = $3)
        and ($4::uuid is null or subject_id = $4) and ($5::uuid is null or enrolment_id < $5)
      order by enrolment_id desc limit $6`,
    [workspaceId, filter.journey, filter.state, filter.customer, filter.after, filter.limit],
  );
  return found.rows;
}

/** Oldest first; a run is bounded in steps, the limit guards the answer all the same. */
export async function readTrail(
  client: Queryable,
  workspaceId: string,
  { enrolmentId, limit }: { readonly enrolmentId: string; readonly limit: number },
): Promise<TrailRow[]> {
  const found = await client.query<TrailRow>(
    `select seq, entry, at, step_id as "stepId", visit, kind, detail from trail
      where workspace_id = $1 and enrolment_id = $2 order by seq, entry limit $3`,
    [workspaceId, enrolmentId, limit],
  );
  return found.rows;
}
