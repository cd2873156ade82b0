import type pg from 'pg';
import type { LogRow } from '@throughline/domain/ingestion';
import { classifyStoreError } from '../shared/index.js';
import { appendBackfill, appendTick } from './append.js';
import { beginBackfill, buildPage, readBackfills } from './lane-backfill.js';
import { applyBatch, parseRows, type ParsedBatch } from './lane-batch.js';
import type { Backfill } from './lane-build.js';
import { applyCommand } from './lane-commands.js';
import { loadDefinitions, type LaneDefinitions } from './lane-definitions.js';
import { readDue } from './lane-due.js';
import { instant, type LaneWrites } from './lane-work.js';
import { readTombstones, type Tombstones } from './tombstones.js';

/** Another processor has taken the lane over since: whatever this one was about to commit is void. */
export class LaneLost extends Error {
  override readonly name = 'LaneLost';
}

export interface LaneOptions {
  readonly workspaceId: string;
  /** events per transaction; aims at 100 ms */
  readonly maxEvents?: number;
  /** called inside each transaction between its stages: where tests pause or kill */
  readonly onStage?: (stage: LaneStage) => Promise<void>;
}

export type LaneStage = 'locked' | 'read' | 'applied' | 'moved';

export interface LaneProgress {
  readonly rows: number;
  readonly events: number;
  readonly duplicates: number;
  readonly quarantined: number;
  /** trait values over their limit, left out of profiles */
  readonly refusedTraits: number;
  /** customers whose time had come; with `rows: 0` there are more of them before the next input can be applied */
  readonly due: number;
}

export function isIdle({ rows, due }: LaneProgress): boolean {
  return rows === 0 && due === 0;
}

/** Customers that become due at once are settled this many a transaction. */
const DUE_PAGE = 1_000;

/** Bodies may be 500 KB each: a batch of the largest must still fit in memory. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** Inputs that are a batch of their own: what lies before them is applied under the state they change. */
const ALONE: ReadonlySet<LogRow['kind']> = new Set(['definitions', 'command', 'backfill']);

const NOTHING: LaneProgress = {
  rows: 0,
  events: 0,
  duplicates: 0,
  quarantined: 0,
  refusedTraits: 0,
  due: 0,
};

interface LaneRow {
  readonly epoch: number;
  readonly position: number;
  readonly clock: number;
}

/**
 * Works one lane off. The connection that holds the advisory lock is the one that commits, and every transaction compares
 * the epoch: a holder that was declared dead cannot commit, whichever of the two it lost.
 */
export class LaneProcessor {
  private definitions: LaneDefinitions | undefined;
  private backfills: readonly Backfill[] | undefined;
  private tombstones: Tombstones | undefined;
  private readonly poison = new Set<string>();

  constructor(
    private readonly client: pg.ClientBase,
    private readonly epoch: number,
    private readonly options: LaneOptions,
  ) {}

  /** Takes the lane: one holder at a time, each with a higher epoch. Null where another holds it. */
  static async take(client: pg.ClientBase, options: LaneOptions): Promise<LaneProcessor | null> {
    const { workspaceId } = options;
    const locked = await client.query<{ held: boolean }>(
      'select pg_try_advisory_lock(7302, hashtext($1)) as held',
      [workspaceId],
    );
    if (locked.rows[0]?.held !== true) return null;
    const raised = await client.query<{ epoch: number }>(
      'update lane set epoch = epoch + 1, stopped_reason = null where workspace_id = $1 returning epoch',
      [workspaceId],
    );
    const epoch = raised.rows[0]?.epoch;
    if (epoch !== undefined) return new LaneProcessor(client, epoch, options);
    await client.query('select pg_advisory_unlock(7302, hashtext($1))', [workspaceId]);
    return null;
  }

  /** Applies the next inputs in one transaction; `rows: 0` says that the lane is caught up. */
  async processOnce(): Promise<LaneProgress> {
    try {
      return await this.transaction((lane) => this.applyNext(lane));
    } catch (error) {
      if (classifyStoreError(error) !== 'data') throw error;
      return this.isolate(error);
    }
  }

  /** An idle lane with something due moves its clock by a tick. */
  async tickIfDue(): Promise<boolean> {
    const { workspaceId } = this.options;
    const due = await this.client.query(
      `select 1 from wait where workspace_id = $1 and overdue and closed_at is null and deadline < clock_timestamp()
       union all
       select 1 from customer_due where workspace_id = $1 and due_at <= clock_timestamp()
        limit 1`,
      [workspaceId],
    );
    if (due.rows.length === 0) return false;
    await appendTick(this.client, workspaceId);
    return true;
  }

  private async transaction<T>(work: (lane: LaneRow) => Promise<T>): Promise<T> {
    await this.client.query('begin');
    try {
      const result = await work(await this.lockLane());
      await this.client.query('commit');
      return result;
    } catch (error) {
      // What was loaded at an uncommitted position may not hold.
      this.definitions = undefined;
      this.backfills = undefined;
      this.tombstones = undefined;
      await this.client.query('rollback');
      throw error;
    }
  }

  private async lockLane(): Promise<LaneRow> {
    const { rows } = await this.client.query<LaneRow>({
      name: 'lane-lock',
      text: 'select epoch, position, clock from lane where workspace_id = $1 for update',
      values: [this.options.workspaceId],
    });
    const lane = rows[0];
    if (lane?.epoch !== this.epoch) throw new LaneLost('the lane has another holder');
    await this.options.onStage?.('locked');
    return lane;
  }

  private async applyNext(lane: LaneRow): Promise<LaneProgress> {
    const rows = await this.readRows(lane);
    const last = rows.at(-1);
    if (!last) return NOTHING;
    await this.options.onStage?.('read');
    const definitions = await this.definitionsAt(lane.position);
    const due = await this.readDue(definitions, last);
    const full = due.length === DUE_PAGE;
    const batch = parseRows(full ? [] : rows);
    const writes = await this.applyRows({ lane, rows, due }, batch);
    if (!full) {
      const backfill = await this.takeAlone(lane, last);
      await this.options.onStage?.('applied');
      await this.moveTo(last, writes);
      // Last, because it takes the append lock.
      if (backfill !== null) await appendBackfill(this.client, this.options.workspaceId, backfill);
      await this.options.onStage?.('moved');
    }
    return {
      rows: full ? 0 : rows.length,
      events: writes.applied,
      duplicates: writes.duplicates,
      quarantined: writes.quarantine.length,
      refusedTraits: writes.refusedTraits,
      due: due.length,
    };
  }

  /** Everybody who is due before the next inputs; a full page of them is a transaction of its own. */
  private async readDue(definitions: LaneDefinitions, last: LogRow): Promise<string[]> {
    if (!definitions.timed) return [];
    const { workspaceId } = this.options;
    return readDue(this.client, workspaceId, { clock: instant(last.clock), limit: DUE_PAGE });
  }

  /**
   * Inputs that are a batch of their own; who was due before them has been settled. Answers the backfill whose next page is to be
   * asked for.
   */
  private async takeAlone(lane: LaneRow, last: LogRow): Promise<number | null> {
    const { workspaceId } = this.options;
    if (last.kind === 'definitions') return this.takeDefinitions(lane, last);
    if (last.kind === 'backfill') return this.takeBackfillPage(lane, last);
    if (last.kind !== 'command') return null;
    const definitions = await this.definitionsAt(lane.position);
    this.tombstones = undefined;
    await applyCommand(this.client, { workspaceId, definitions, row: last });
    return null;
  }

  private async definitionsAt(position: number): Promise<LaneDefinitions> {
    this.definitions ??= await loadDefinitions(this.client, this.options.workspaceId, position);
    return this.definitions;
  }

  private async applyRows(
    { lane, rows, due }: BatchInputs,
    batch: ParsedBatch,
  ): Promise<LaneWrites> {
    const { workspaceId } = this.options;
    const definitions = await this.definitionsAt(lane.position);
    this.backfills ??= await readBackfills(this.client, workspaceId);
    this.tombstones ??= await readTombstones(this.client, workspaceId);
    const { poison, backfills, tombstones } = this;
    return applyBatch(
      this.client,
      { workspaceId, definitions, poison, stamps: rows, due, backfills, tombstones },
      batch,
    );
  }

  /** What lies before a change of definitions was applied under the old ones. */
  private async takeDefinitions(lane: LaneRow, row: LogRow): Promise<number | null> {
    const { workspaceId } = this.options;
    const before = await this.definitionsAt(lane.position);
    this.definitions = await loadDefinitions(this.client, workspaceId, row.position);
    this.backfills = undefined;
    const change = { workspaceId, before, after: this.definitions, row };
    return (await beginBackfill(this.client, change)) ? row.position : null;
  }

  private async takeBackfillPage(lane: LaneRow, row: LogRow): Promise<number | null> {
    const { workspaceId } = this.options;
    const definitions = await this.definitionsAt(lane.position);
    const open = this.backfills ?? (await readBackfills(this.client, workspaceId));
    this.backfills = undefined;
    const backfill = open.find(({ position }) => position === Number(row.body));
    if (!backfill) return null;
    const more = await buildPage(this.client, { workspaceId, definitions, row, backfill });
    return more ? backfill.position : null;
  }

  /** Rows after the position, up to the batch size; what is no event stands alone. */
  private async readRows(lane: LaneRow): Promise<LogRow[]> {
    const maxEvents = this.options.maxEvents ?? 1_000;
    const { rows } = await this.client.query<LogRow & { events: number }>({
      name: 'lane-read',
      text: `select position, clock, kind, endpoint, source_key as "sourceKey", hop, events, body
               from (select r.*, sum(events) over upto as total, sum(octet_length(body)) over upto as bytes
                       from (select * from event_log where workspace_id = $1 and position > $2 and clock >= $3
                              order by position limit $4) r
                     window upto as (order by position)) r
              where total - events < $4 and bytes - octet_length(body) < ${MAX_BATCH_BYTES} is not false
              order by position`,
      values: [
        this.options.workspaceId,
        lane.position,
        Number.isFinite(lane.clock) ? instant(lane.clock) : '-infinity',
        maxEvents,
      ],
    });
    const taken: LogRow[] = [];
    let events = 0;
    for (const row of rows) {
      if (taken.length > 0 && (ALONE.has(row.kind) || events + row.events > maxEvents)) break;
      taken.push(row);
      events += row.events;
      if (ALONE.has(row.kind)) break;
    }
    return taken;
  }

  private async moveTo(last: LogRow, writes: LaneWrites): Promise<void> {
    await this.client.query({
      name: 'lane-move',
      text: `with cleared as (
               delete from revocation_pending where workspace_id = $1 and position <= $2
             ), due as (
               update wait set overdue = false
                where workspace_id = $1 and overdue and closed_at is null and deadline < $3 returning enrolment_id
             ), woken as (
               insert into outbox (workspace_id, enrolment_id, journey_key, kind)
               select $1, e.enrolment_id, e.journey_key, 'wake'
                 from due join enrolment e on e.workspace_id = $1 and e.enrolment_id = due.enrolment_id
             )
             update lane set position = $2, clock = $3, duplicates = duplicates + $4, applied_events = applied_events + $5
              where workspace_id = $1`,
      values: [
        this.options.workspaceId,
        last.position,
        instant(last.clock),
        writes.duplicates,
        writes.applied,
      ],
    });
  }

  /**
   * The database refused a value somewhere in the batch. Prefixes of it are tried in transactions that are rolled back, until
   * one event stands alone; it goes to quarantine and the batch is applied without it.
   */
  private async isolate(cause: unknown): Promise<LaneProgress> {
    const peeked = await this.peek();
    const { items } = peeked;
    // Every event is fine by itself, so what was refused is a row of ours: our bug.
    if (await this.wouldApply(peeked)) throw cause;
    let good = 0;
    let bad = items.length;
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      if (await this.wouldApply({ ...peeked, items: items.slice(0, middle) })) good = middle;
      else bad = middle;
    }
    const culprit = items[bad - 1];
    if (!culprit) throw cause;
    const { position, ordinal } = culprit.event.ref;
    if (this.poison.has(`${position}.${ordinal}`)) throw cause;
    this.poison.add(`${position}.${ordinal}`);
    return this.processOnce();
  }

  private async peek(): Promise<Peeked> {
    return this.transaction(async (lane) => {
      const rows = await this.readRows(lane);
      const { items } = parseRows(rows);
      const last = rows.at(-1);
      const definitions = await this.definitionsAt(lane.position);
      const due = last === undefined ? [] : await this.readDue(definitions, last);
      return { rows, items, due };
    });
  }

  private async wouldApply({ rows, items, due }: Peeked): Promise<boolean> {
    try {
      await this.transaction(async (lane) => {
        await this.applyRows({ lane, rows, due }, { items, rejections: [] });
        throw new TrialOver('a trial is never committed');
      });
      return true;
    } catch (error) {
      if (error instanceof TrialOver) return true;
      if (classifyStoreError(error) === 'data') return false;
      throw error;
    }
  }
}

interface BatchInputs {
  readonly lane: LaneRow;
  readonly rows: readonly LogRow[];
  readonly due: readonly string[];
}

interface Peeked extends Omit<BatchInputs, 'lane'> {
  readonly items: ParsedBatch['items'];
}

class TrialOver extends Error {
  override readonly name = 'TrialOver';
}
