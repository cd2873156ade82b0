import type { Consent } from '@throughline/domain/consent';
import { initialState, type Command, type RunState } from '@throughline/domain/journeys';
import type { MutableFacts, Traits } from '@throughline/domain/profiles';
import type { InputRef } from '@throughline/domain/shared';
import type { ExitRequest, FiredWait } from '../journeys/types.js';
import type { Queryable } from '../shared/index.js';
import type { CustomerWork, EnrolmentWork, LaneWrites, Membership, WaitWork } from './lane-work.js';

/** A customer as they were just before a merge: what an unmerge begins from, and goes on to apply their own events to. */
export interface ProfileSnapshot {
  readonly traits: Traits;
  readonly facts: MutableFacts;
  readonly consents: readonly Consent[];
  readonly members: readonly (Membership & { readonly segment: string })[];
  readonly dueAt: number | null;
  readonly enrolments: readonly EnrolmentSnapshot[];
}

export interface EnrolmentSnapshot {
  readonly id: string;
  readonly open: boolean;
  readonly endedAt: number | null;
  readonly exitRequestedAt: number | null;
  readonly deliveries: number;
  readonly wait: (Omit<WaitWork, 'fired'> & { readonly fired: FiredWait | null }) | null;
  readonly exit: ExitRequest | null;
  /** where the run stood; null for one that is over */
  readonly run: RunSnapshot | null;
}

export interface RunSnapshot {
  readonly seq: number;
  readonly state: 'active' | 'held';
  readonly heldReason: string | null;
  readonly runState: RunState;
  readonly command: Command | null;
  readonly consumed: {
    readonly position: number;
    readonly ordinal: number;
    readonly clock: string;
  };
  /** step:visit of what had gone out, or was on its way */
  readonly sent: readonly string[];
}

/** As the lane writes one that begins: nothing after its own input has been read. */
export function firstRun({ position, ordinal }: InputRef): RunSnapshot {
  return {
    seq: 0,
    state: 'active',
    heldReason: null,
    runState: initialState(),
    command: null,
    consumed: { position, ordinal, clock: '-infinity' },
    sent: [],
  };
}

/** What the lane has in hand; the runs are read when the merge is written. */
export function snapshotOf(writes: LaneWrites, customer: CustomerWork): ProfileSnapshot {
  const { traits, facts, consents, members, dueAt, enrolments } = customer;
  return {
    traits,
    // Counted in place from here on.
    facts: structuredClone(facts),
    consents: sorted(consents, ({ purpose, channel }) => `${purpose} ${channel}`),
    members: sorted(
      [...members].map(([segment, membership]) => ({ segment, ...membership })),
      ({ segment }) => segment,
    ),
    dueAt,
    enrolments: sorted(enrolments, ({ id }) => id).map((one) => enrolmentSnapshot(writes, one)),
  };
}

/** What was loaded and what this batch added stand in no order of their own; a snapshot is the same for any cut of the log. */
function sorted<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  return [...items].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function enrolmentSnapshot(writes: LaneWrites, enrolment: EnrolmentWork): EnrolmentSnapshot {
  const { id, open, endedAt, exitRequestedAt, deliveries, wait } = enrolment;
  const written = wait === null ? undefined : writes.waits.get(`${id}.${wait.seq}`);
  const exit = writes.exits.find((one) => one.enrolment_id === id && !one.superseded);
  return {
    id,
    open,
    endedAt,
    exitRequestedAt,
    deliveries,
    wait: wait === null ? null : { ...wait, fired: written?.fired ?? null },
    exit: exit?.exit_request ?? null,
    run: null,
  };
}

interface RunRow {
  readonly enrolment_id: string;
  readonly seq: number;
  readonly state: 'active' | 'held';
  readonly held_reason: string | null;
  readonly run_state: RunState;
  readonly command: Command | null;
  readonly consumed_position: number;
  readonly consumed_ordinal: number;
  readonly consumed_clock: string;
  readonly exit_request: ExitRequest | null;
  readonly fired: FiredWait | null;
  readonly sent: readonly string[];
}

/** Completes snapshots by the rows of runs, as they are before anything of the merge is written. */
export async function withRuns(
  client: Queryable,
  workspaceId: string,
  snapshots: readonly ProfileSnapshot[],
): Promise<(snapshot: ProfileSnapshot) => ProfileSnapshot> {
  const ids = snapshots.flatMap(({ enrolments }) =>
    enrolments.filter(({ open }) => open).map(({ id }) => id),
  );
  const { rows } = await client.query<RunRow>(RUNS, [workspaceId, [...new Set(ids)]]);
  const runs = new Map(rows.map((row) => [row.enrolment_id, row]));
  return (snapshot) => ({
    ...snapshot,
    enrolments: snapshot.enrolments.map((enrolment) => withRun(enrolment, runs.get(enrolment.id))),
  });
}

const RUNS = `
  select e.enrolment_id, e.seq, e.state, e.held_reason, e.run_state, e.command, e.consumed_position, e.consumed_ordinal,
         e.consumed_clock::text as consumed_clock, e.exit_request, w.fired,
         array(select d.step_id || ':' || d.visit from delivery d
                where d.workspace_id = $1 and d.enrolment_id = e.enrolment_id and d.state in ('sending', 'accepted', 'unknown')) as sent
    from enrolment e
    left join wait w on w.workspace_id = $1 and w.enrolment_id = e.enrolment_id and w.seq = e.seq and w.closed_at is null
   where e.workspace_id = $1 and e.enrolment_id = any($2::uuid[]) and e.state <> 'ended'`;

function withRun(enrolment: EnrolmentSnapshot, row: RunRow | undefined): EnrolmentSnapshot {
  if (row === undefined) return enrolment;
  const { wait, exit } = enrolment;
  return {
    ...enrolment,
    wait: wait === null ? null : { ...wait, fired: wait.fired ?? row.fired },
    exit: exit ?? row.exit_request,
    run: {
      seq: row.seq,
      state: row.state,
      heldReason: row.held_reason,
      runState: row.run_state,
      command: row.command,
      consumed: {
        position: row.consumed_position,
        ordinal: row.consumed_ordinal,
        clock: row.consumed_clock,
      },
      sent: row.sent,
    },
  };
}
