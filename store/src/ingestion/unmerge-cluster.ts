import type { TriggerContext } from '@throughline/domain/journeys';
import type { ExitRequest, FiredWait } from '../journeys/types.js';
import type { Queryable } from '../shared/index.js';
import type { ProfileSnapshot } from './lane-snapshot.js';
import type { StoredMerge } from './replay.js';

/** How a run ends that gave way to another person's. */
export const MERGED = 'exited:merged';

/** All that one customer has become of, as it stands when two of them are to be parted again. */
export interface Cluster {
  readonly workspaceId: string;
  /** who it is now */
  readonly canonicalId: string;
  readonly profiles: ReadonlyMap<string, ProfileRow>;
  readonly merges: readonly RememberedMerge[];
  readonly enrolments: readonly EnrolmentRow[];
  readonly waits: readonly WaitRow[];
}

export interface ProfileRow {
  readonly customer_id: string;
  readonly created_at: number;
  readonly first_position: number;
  readonly first_ordinal: number;
}

export interface RememberedMerge extends StoredMerge {
  readonly survivorState: ProfileSnapshot | null;
  readonly absorbedState: ProfileSnapshot;
}

export interface EnrolmentRow {
  readonly enrolment_id: string;
  readonly journey_key: string;
  readonly version: number;
  readonly entry_key: string;
  readonly trigger: TriggerContext;
  readonly customer_id: string;
  readonly state: 'active' | 'held' | 'ended';
  readonly outcome: string | null;
  readonly generation: number;
  readonly seq: number;
  readonly superseded: boolean;
  readonly exit_request: ExitRequest | null;
  readonly entered_at: number;
  readonly entered_position: number;
  readonly entered_ordinal: number;
  readonly ended_at: number | null;
  readonly sent: readonly string[];
}

export interface WaitRow {
  readonly enrolment_id: string;
  readonly seq: number;
  readonly subscriptions: readonly {
    readonly branch: string;
    readonly on: { readonly kind: string; readonly segment?: string };
  }[];
  readonly deadline: number | null;
  readonly restarts: number;
  readonly fired: FiredWait | null;
  readonly open: boolean;
}

/** Locks every profile of the cluster, in the order that everybody locks in, and reads what belongs to them. */
export async function readClusterOf(
  client: Queryable,
  workspaceId: string,
  canonicalId: string,
): Promise<Cluster> {
  const profiles = await client.query<ProfileRow>(
    `select customer_id, created_at, first_position, first_ordinal from customer
      where workspace_id = $1 and (customer_id = $2 or merged_into = $2) order by customer_id for no key update`,
    [workspaceId, canonicalId],
  );
  const ids = profiles.rows.map((row) => row.customer_id);
  const merges = await client.query<RememberedMerge>(MERGES, [workspaceId, ids]);
  const enrolments = await client.query<EnrolmentRow>(ENROLMENTS, [workspaceId, canonicalId]);
  const waits = await client.query<WaitRow>(WAITS, [workspaceId, canonicalId]);
  return {
    workspaceId,
    canonicalId,
    profiles: new Map(profiles.rows.map((row) => [row.customer_id, row])),
    merges: merges.rows,
    enrolments: enrolments.rows,
    waits: waits.rows,
  };
}

const MERGES = `
  select position, ordinal, survivor_id as "survivorId", absorbed_id as "absorbedId", at, cause,
         survivor_state as "survivorState", absorbed_state as "absorbedState"
    from customer_merge
   where workspace_id = $1 and absorbed_id = any($2::uuid[]) and undone_position is null
   order by position, ordinal, rank`;

const ENROLMENTS = `
  select e.enrolment_id, e.journey_key, e.version, e.entry_key, e.trigger, e.customer_id, e.state, e.outcome, e.generation, e.seq,
         e.superseded, e.exit_request, e.entered_at, e.entered_position, e.entered_ordinal, e.ended_at,
         array(select d.step_id || ':' || d.visit from delivery d
                where d.workspace_id = $1 and d.enrolment_id = e.enrolment_id and d.state in ('sending', 'accepted', 'unknown')) as sent
    from enrolment e
   where e.workspace_id = $1 and e.subject_id = $2
   order by e.entered_position, e.entered_ordinal, e.enrolment_id`;

const WAITS = `
  select w.enrolment_id, w.seq, w.subscriptions, w.deadline, w.restarts, w.fired, w.closed_at is null as open
    from enrolment e join wait w on w.workspace_id = $1 and w.enrolment_id = e.enrolment_id
   where e.workspace_id = $1 and e.subject_id = $2
   order by w.enrolment_id, w.seq`;

/** The latest merge of the cluster by which this profile became another, or the one at this position. */
export function findMerge(
  merges: readonly RememberedMerge[],
  absorbedId: string,
  position: number | null,
): RememberedMerge | undefined {
  return merges.findLast(
    (merge) =>
      merge.absorbedId === absorbedId && (position === null || merge.position === position),
  );
}

/** Who each profile is once these merges alone hold. */
export function survivorsBy(merges: readonly StoredMerge[]): (customerId: string) => string {
  const next = new Map(merges.map(({ absorbedId, survivorId }) => [absorbedId, survivorId]));
  return (customerId) => {
    let current = customerId;
    for (let one = next.get(current); one !== undefined; one = next.get(current)) current = one;
    return current;
  };
}
