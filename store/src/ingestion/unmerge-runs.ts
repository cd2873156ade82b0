import { compareRefs, type StampedRef } from '@throughline/domain/shared';
import type { ExitRequest, FiredWait } from '../journeys/types.js';
import { firstRun, type EnrolmentSnapshot, type RunSnapshot } from './lane-snapshot.js';
import type { NewEnrolment } from './lane-work.js';
import { MERGED, type Cluster, type EnrolmentRow, type WaitRow } from './unmerge-cluster.js';
import type { Parted } from './unmerge-replay.js';

/**
 * What an unmerge does to the runs of the two people. Each goes back to whom it was of, to where it would stand had the two never
 * been one: most have only to change hands. A run that the merge ended goes on from where it stood, and so does one that the other
 * person's events have moved; what has been sent is found by its key and is not sent again.
 */
export type RunChange =
  /** stands where it stood at `run`; its wait and exit are those of its own history */
  | {
      readonly kind: 'return';
      readonly row: EnrolmentRow;
      readonly run: RunSnapshot;
      readonly wait: EnrolmentSnapshot['wait'];
      readonly exit: ExitRequest | null;
    }
  /** goes on, but by what its own person has done */
  | {
      readonly kind: 'adjust';
      readonly row: EnrolmentRow;
      readonly wait: EnrolmentSnapshot['wait'];
      readonly exit: ExitRequest | null;
    }
  /** over, and counts again for whom it was of */
  | { readonly kind: 'release'; readonly row: EnrolmentRow }
  /** another merge, which still holds, makes it give way */
  | { readonly kind: 'supersede'; readonly row: EnrolmentRow; readonly exit: ExitRequest | null }
  /** nobody has done what it began with */
  | { readonly kind: 'void'; readonly row: EnrolmentRow };

export interface RunPlan {
  readonly changes: readonly RunChange[];
  /** what would have begun, had it not seemed to have begun for the other */
  readonly starts: readonly NewEnrolment[];
}

export function planRuns(cluster: Cluster, parted: Parted, ref: StampedRef): RunPlan {
  const planner = new Planner(cluster, parted, ref);
  const changes = cluster.enrolments.flatMap((row) => planner.changeOf(row) ?? []);
  const known = new Set(cluster.enrolments.map((row) => row.enrolment_id));
  const starts = parted.writes.enrolments.filter(({ enrolment_id: id }) => !known.has(id));
  return { changes, starts };
}

class Planner {
  private readonly last = new Map<string, EnrolmentSnapshot>();
  private readonly begun: ReadonlySet<string>;
  private readonly waits = new Map<string, WaitRow[]>();

  constructor(
    cluster: Cluster,
    private readonly parted: Parted,
    private readonly ref: StampedRef,
  ) {
    this.begun = new Set(parted.writes.enrolments.map((row) => row.enrolment_id));
    for (const merge of cluster.merges) {
      if (compareRefs(merge, parted.merge) < 0) continue;
      for (const state of [merge.survivorState, merge.absorbedState])
        for (const enrolment of state?.enrolments ?? []) this.last.set(enrolment.id, enrolment);
    }
    for (const wait of cluster.waits) {
      const list = this.waits.get(wait.enrolment_id);
      if (list === undefined) this.waits.set(wait.enrolment_id, [wait]);
      else list.push(wait);
    }
  }

  changeOf(row: EnrolmentRow): RunChange | null {
    const id = row.enrolment_id;
    const isKnown = this.parted.standing.has(id) || this.begun.has(id);
    if (!isKnown) return this.isVoid(row) ? { kind: 'void', row } : null;
    const gaveWay = this.parted.writes.exits.find(
      (exit) => exit.enrolment_id === id && exit.superseded,
    );
    if (gaveWay !== undefined) {
      if (row.superseded && !this.isForeignExit(row)) return null;
      return { kind: 'supersede', row, exit: this.exitOf(row) ?? gaveWay.exit_request };
    }
    if (this.isForeign(row)) return this.returned(row, this.base(row));
    if (row.superseded) return this.returned(row, this.last.get(id) ?? this.base(row));
    return row.state === 'ended' ? null : this.adjusted(row);
  }

  private isVoid(row: EnrolmentRow): boolean {
    const entered = { position: row.entered_position, ordinal: row.entered_ordinal };
    return row.state !== 'ended' && compareRefs(entered, this.parted.merge) >= 0;
  }

  /** Where a run stood when it was last its own person's alone: at the merge, or at its beginning. */
  private base(row: EnrolmentRow): EnrolmentSnapshot {
    return this.parted.standing.get(row.enrolment_id) ?? beginning(row);
  }

  private returned(row: EnrolmentRow, to: EnrolmentSnapshot | undefined): RunChange {
    if (to?.run == null) return { kind: 'release', row };
    const isOver = row.state === 'ended' && row.outcome !== MERGED && !this.isForeign(row);
    if (isOver) return { kind: 'release', row };
    const exit = this.exitOf(row);
    return { kind: 'return', row, run: to.run, wait: this.waitOf(row, to), exit };
  }

  /** The current wait and exit by its own history, where they differ from what the two together brought about. */
  private adjusted(row: EnrolmentRow): RunChange | null {
    const own = this.exitOf(row);
    const exit = row.exit_request === null ? own : null;
    const base = this.base(row);
    const current = this.waitsOf(row).find(({ open, seq }) => open && seq === row.seq);
    const isSame = current !== undefined && base.wait?.seq === current.seq;
    const wait = isSame ? this.waitOf(row, base) : null;
    const differs =
      isSame && (wait?.deadline !== current.deadline || !sameFired(wait.fired, current.fired));
    if (exit === null && !differs) return null;
    return { kind: 'adjust', row, wait: differs ? wait : null, exit };
  }

  /** Whether the other person's doing has moved it: by an exit or a wait that its own history has not. */
  private isForeign(row: EnrolmentRow): boolean {
    if (this.isForeignExit(row)) return true;
    const base = this.base(row);
    return this.waitsOf(row).some((wait) => {
      if (wait.fired === null || wait.seq < (base.run?.seq ?? 0)) return false;
      if (compareRefs(wait.fired, this.parted.merge) < 0) return false;
      if (wait.seq !== base.wait?.seq) return !this.isOwnInput(row, wait, wait.fired);
      // Still open, it can simply be set right.
      return !wait.open && !sameFired(this.waitOf(row, base)?.fired ?? null, wait.fired);
    });
  }

  private isForeignExit(row: EnrolmentRow): boolean {
    const exit = row.exit_request;
    if (exit?.position === undefined || exit.reason === 'merged') return false;
    const asked = { position: exit.position, ordinal: exit.ordinal ?? 0 };
    if (compareRefs(asked, this.parted.merge) < 0) return false;
    const own = this.exitOf(row);
    return own?.position !== exit.position || own.ordinal !== exit.ordinal;
  }

  /** For a wait that was opened since the merge: is what ended it of this run's own person? */
  private isOwnInput(row: EnrolmentRow, wait: WaitRow, fired: FiredWait): boolean {
    const owner = this.parted.ownerOf(row.customer_id);
    const on = wait.subscriptions.find(({ branch }) => branch === fired.branch)?.on;
    if (on?.kind === 'segment') {
      return this.parted.writes.membershipChanges.some(
        (change) =>
          change['position'] === fired.position &&
          change['ordinal'] === fired.ordinal &&
          change['segment_key'] === on.segment &&
          this.parted.ownerOf(String(change['customer_id'])) === owner,
      );
    }
    const stored = this.parted.events.find(({ event }) => compareRefs(event.ref, fired) === 0);
    return stored === undefined || this.parted.ownerOf(stored.originId) === owner;
  }

  private exitOf({ enrolment_id: id }: EnrolmentRow): ExitRequest | null {
    const exits = this.parted.writes.exits;
    return exits.find((exit) => exit.enrolment_id === id && !exit.superseded)?.exit_request ?? null;
  }

  private waitOf(
    { enrolment_id: id }: EnrolmentRow,
    base: EnrolmentSnapshot,
  ): EnrolmentSnapshot['wait'] {
    if (base.wait === null) return null;
    const moved = this.parted.writes.waits.get(`${id}.${base.wait.seq}`);
    if (moved === undefined) return base.wait;
    const deadline = moved.deadline === null ? null : Date.parse(moved.deadline);
    return { ...base.wait, deadline, restarts: moved.restarts, fired: moved.fired };
  }

  private waitsOf({ enrolment_id: id }: EnrolmentRow): readonly WaitRow[] {
    return this.waits.get(id) ?? [];
  }
}

/** A run that began while the two were one has no other place of its own than its beginning. */
function beginning(row: EnrolmentRow): EnrolmentSnapshot {
  const entered = { position: row.entered_position, ordinal: row.entered_ordinal };
  return {
    id: row.enrolment_id,
    open: true,
    endedAt: null,
    exitRequestedAt: null,
    deliveries: 0,
    wait: null,
    exit: null,
    run: firstRun(entered),
  };
}

function sameFired(a: FiredWait | null, b: FiredWait | null): boolean {
  if (a === null || b === null) return a === b;
  return a.position === b.position && a.ordinal === b.ordinal && a.branch === b.branch;
}
