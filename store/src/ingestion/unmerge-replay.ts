import {
  compareRefs,
  InvariantBroken,
  type InputRef,
  type StampedRef,
} from '@throughline/domain/shared';
import type { ParsedEvent } from '@throughline/domain/ingestion';
import type { Queryable } from '../shared/index.js';
import type { ApplyContext } from './lane-apply.js';
import type { LaneDefinitions } from './lane-definitions.js';
import { settleDue } from './lane-due.js';
import { newWork } from './lane-load.js';
import type { EnrolmentSnapshot, ProfileSnapshot } from './lane-snapshot.js';
import { instant, type CustomerWork, type EnrolmentWork, type LaneWrites } from './lane-work.js';
import { Replay, type StoredEvent, type StoredMerge } from './replay.js';
import { readStoredEvents } from './stored-events.js';
import {
  MERGED,
  survivorsBy,
  type Cluster,
  type EnrolmentRow,
  type RememberedMerge,
} from './unmerge-cluster.js';

/** What the same history comes to without one of its merges. */
export interface Parted {
  readonly merge: RememberedMerge;
  /** those that hold, in order */
  readonly merges: readonly RememberedMerge[];
  readonly survivor: CustomerWork;
  readonly freed: CustomerWork;
  /** who each profile is afterwards */
  readonly ownerOf: (customerId: string) => string;
  /** the events from the merge on, each with the profile that it is of */
  readonly events: readonly StoredEvent[];
  /** those of them that were applied once more: the others are in the snapshots of who came in later */
  readonly applied: readonly InputRef[];
  /** by enrolment, where it stood when its person came in: at the merge, or at the later one that brought them */
  readonly standing: ReadonlyMap<string, EnrolmentSnapshot>;
  readonly context: ApplyContext;
  /** what those events did to journeys, memberships and goals */
  readonly writes: LaneWrites;
}

interface Parting {
  readonly cluster: Cluster;
  readonly merge: RememberedMerge;
  readonly definitions: LaneDefinitions;
  readonly ref: StampedRef;
}

/**
 * Applies everything since the merge once more, without it: from the two profiles as they were just before, each with its own
 * events. Profiles that became part of the cluster later come in as they were then.
 */
export async function replayWithout(client: Queryable, parting: Parting): Promise<Parted> {
  const { cluster, merge, definitions, ref } = parting;
  const merges = cluster.merges.filter((one) => one !== merge);
  const works = new Works(cluster, () => replay.context.writes);
  const replay: Replay = new Replay({
    workspaceId: cluster.workspaceId,
    definitions,
    merges,
    from: merge,
    bring: (customerId, at) => works.bring(customerId, at),
    before: (customer, event) => {
      works.noteEnds(customer, event);
    },
    positionAt: () => ref.position,
  });
  replay.enlist(works.of(merge.survivorId, stateOf(merge)));
  replay.enlist(works.of(merge.absorbedId, merge.absorbedState));
  const wanted = { workspaceId: cluster.workspaceId, customerIds: [...cluster.profiles.keys()] };
  const events = await readStoredEvents(client, { ...wanted, from: merge });
  replay.run(events);
  const { customers, writes } = replay.context;
  const ownerOf = survivorsBy(merges);
  const survivor = customers.get(ownerOf(merge.survivorId));
  const freed = customers.get(ownerOf(merge.absorbedId));
  if (!survivor || !freed) throw new InvariantBroken('a replay has lost one of the two');
  for (const customer of [survivor, freed]) settleDue(replay.context, customer, ref.clock);
  const { context, applied } = replay;
  const { standing } = works;
  return { merge, merges, survivor, freed, ownerOf, events, applied, standing, context, writes };
}

/** A merge from before snapshots were taken of both sides cannot be undone; see canUnmerge. */
function stateOf({ survivorState }: RememberedMerge): ProfileSnapshot {
  if (survivorState === null) throw new InvariantBroken('a merge without a snapshot is undone');
  return survivorState;
}

/** Profiles of the cluster as working copies, made of their snapshots. */
class Works {
  readonly standing = new Map<string, EnrolmentSnapshot>();
  private readonly enrolments: ReadonlyMap<string, EnrolmentRow>;

  constructor(
    private readonly cluster: Cluster,
    private readonly writes: () => LaneWrites,
  ) {
    this.enrolments = new Map(cluster.enrolments.map((row) => [row.enrolment_id, row]));
  }

  /** By the merge that brings the profile in; an event of a profile that is not here yet is in its snapshot. */
  bring(customerId: string, at: ParsedEvent | StoredMerge): CustomerWork | null {
    const merge = this.cluster.merges.find((one) => one === at);
    if (merge === undefined) return null;
    const isSurvivor = merge.survivorId === customerId;
    return this.of(customerId, isSurvivor ? stateOf(merge) : merge.absorbedState);
  }

  of(customerId: string, snapshot: ProfileSnapshot): CustomerWork {
    const profile = this.cluster.profiles.get(customerId);
    if (!profile) throw new InvariantBroken('a merge names a customer who is not of its cluster');
    const { created_at: clock, first_position: position, first_ordinal: ordinal } = profile;
    return {
      ...newWork(customerId, { position, ordinal, clock }),
      isNew: false,
      traits: snapshot.traits,
      facts: structuredClone(snapshot.facts),
      consents: [...snapshot.consents],
      members: new Map(snapshot.members.map(({ segment, ...membership }) => [segment, membership])),
      enrolments: snapshot.enrolments.flatMap((one) => this.enrolmentOf(one)),
      dueAt: snapshot.dueAt,
    };
  }

  /** Runs go on by themselves, so that only the rows know when one ended; a run that a merge ended would have gone on. */
  noteEnds(customer: CustomerWork, { ref }: ParsedEvent): void {
    for (const enrolment of customer.enrolments) {
      const row = this.enrolments.get(enrolment.id);
      if (!enrolment.open || row?.ended_at == null || row.outcome === MERGED) continue;
      if (row.ended_at > ref.clock) continue;
      enrolment.open = false;
      enrolment.endedAt = row.ended_at;
    }
  }

  /** What had happened to a run by the time of its snapshot is of its own history. */
  private noteStanding(snapshot: EnrolmentSnapshot): void {
    const { id, exit, wait } = snapshot;
    this.standing.set(id, snapshot);
    const writes = this.writes();
    if (exit !== null)
      writes.exits.push({ enrolment_id: id, exit_request: exit, superseded: false });
    if (wait === null || wait.fired === null) return;
    const { seq, deadline, restarts, fired } = wait;
    const at = deadline === null ? null : instant(deadline);
    writes.waits.set(`${id}.${seq}`, { enrolment_id: id, seq, deadline: at, restarts, fired });
  }

  private enrolmentOf(snapshot: EnrolmentSnapshot): EnrolmentWork[] {
    const row = this.enrolments.get(snapshot.id);
    if (row === undefined) return [];
    const { open, endedAt, exitRequestedAt, deliveries, wait } = snapshot;
    this.noteStanding(snapshot);
    return [
      {
        id: row.enrolment_id,
        journeyKey: row.journey_key,
        version: row.version,
        entryKey: row.entry_key,
        trigger: row.trigger,
        enteredAt: row.entered_at,
        enteredRef: { position: row.entered_position, ordinal: row.entered_ordinal },
        endedAt,
        open,
        superseded: false,
        exitRequestedAt,
        deliveries,
        wait: wait === null ? null : { ...wait, fired: wait.fired !== null },
      },
    ];
  }
}

/** Whether a merge of the cluster, or one behind it that must be replayed, kept both of its sides. */
export function canUnmerge({ merges }: Cluster, merge: RememberedMerge): boolean {
  return merges
    .filter((one) => compareRefs(one, merge) >= 0)
    .every(
      ({ survivorState, absorbedState }) => survivorState !== null && 'dueAt' in absorbedState,
    );
}
