/**
 * What the reconciler asks and writes. PostgreSQL is the truth of the product and Temporal the truth of execution; where they
 * differ, a run is begun anew with a raised generation, or the enrolment is held for a person to decide.
 */
import { inWorkspace, type Queryable } from '../shared/index.js';
import { underCustomerLock, type EnrolmentRef } from './customer-lock.js';
import type { RelayPool } from './outbox.js';
import type { EnginePool } from './types.js';

export interface OpenEnrolment {
  readonly enrolmentId: string;
  readonly journeyKey: string;
  readonly state: 'active' | 'held';
  readonly heldReason: string | null;
  readonly generation: number;
  readonly seq: number;
  /** an operator has asked for something, and only a run can answer */
  readonly asked: boolean;
}

export async function listWorkspaces(pool: RelayPool): Promise<string[]> {
  const { rows } = await pool.query<{ workspace_id: string }>(
    'select workspace_id from workspace order by workspace_id',
  );
  return rows.map((row) => row.workspace_id);
}

export interface SweepPage {
  readonly workspaceId: string;
  readonly after: string | null;
  readonly limit: number;
  /** rows that changed later than this are left alone: their run is on its way */
  readonly quietMs: number;
}

/**
 * Open enrolments that have stood still for a while, by id. One whose start waits in the outbox for longer is among them: it is
 * begun anew behind that start, with a raised generation, and whichever comes second finds its work done.
 */
export async function listOpenEnrolments(
  pool: EnginePool,
  page: SweepPage,
): Promise<OpenEnrolment[]> {
  const { rows } = await inWorkspace(pool, page.workspaceId, (client) =>
    client.query<OpenEnrolment>(
      `select e.enrolment_id as "enrolmentId", e.journey_key as "journeyKey", e.state, e.held_reason as "heldReason", e.generation, e.seq,
              exists (select from operator_request r
                       where r.workspace_id = $1 and r.enrolment_id = e.enrolment_id and r.verdict is null) as asked
         from enrolment e
        where e.workspace_id = $1 and e.state <> 'ended' and ($2::uuid is null or e.enrolment_id > $2)
          and e.updated_at < clock_timestamp() - make_interval(secs => $4::float8 / 1000)
        order by e.enrolment_id limit $3`,
      [page.workspaceId, page.after, page.limit, page.quietMs],
    ),
  );
  return rows;
}

export interface SeenRun extends EnrolmentRef {
  readonly generation: number;
  readonly seq: number;
}

/**
 * A new run from where the store stands, and a wake behind it: the run first repeats the command that it finds, and what has
 * happened since it was given is taken up with the next. False when the enrolment has moved on since it was looked at.
 */
export async function restartRun(pool: EnginePool, seen: SeenRun): Promise<boolean> {
  return underCustomerLock(pool, seen, async (client) => {
    const { rowCount } = await client.query(
      `with raised as (
         update enrolment set generation = generation + 1, updated_at = clock_timestamp()
          where workspace_id = $1 and enrolment_id = $2 and generation = $3 and seq = $4 and state <> 'ended'
         returning workspace_id, enrolment_id, journey_key, generation)
       insert into outbox (workspace_id, enrolment_id, journey_key, kind, generation)
       select r.workspace_id, r.enrolment_id, r.journey_key, k.kind, r.generation
         from raised r cross join (values (1, 'restart'), (2, 'wake')) as k(rank, kind) order by k.rank`,
      [seen.workspaceId, seen.enrolmentId, seen.generation, seen.seq],
    );
    return (rowCount ?? 0) > 0;
  });
}

/** For a person to decide. The machine's own state follows when a run is asked for again. */
export async function holdEnrolment(
  pool: EnginePool,
  seen: SeenRun,
  reason: string,
): Promise<boolean> {
  return underCustomerLock(pool, seen, async (client) => {
    const { rowCount } = await client.query(
      `with held as (
         update enrolment set state = 'held', held_reason = $5, generation = generation + 1, updated_at = clock_timestamp()
          where workspace_id = $1 and enrolment_id = $2 and generation = $3 and seq = $4 and state = 'active'
         returning workspace_id, enrolment_id)
       select 1 from held`,
      [seen.workspaceId, seen.enrolmentId, seen.generation, seen.seq, reason],
    );
    return (rowCount ?? 0) > 0;
  });
}

/**
 * Runs that could go on and may not know: a wait that fired some time ago, a delivery that no stop keeps back any more, an
 * operator's request without a verdict. A wake is never lost in the outbox; this is for one that Temporal took and the run did not live to see.
 */
export async function wakeForgotten(
  pool: EnginePool,
  workspaceId: string,
  forgottenMs: number,
): Promise<number> {
  return inWorkspace(pool, workspaceId, async (client) => {
    let woken = 0;
    for (const runs of [FIRED, UNBLOCKED, ASKED]) {
      woken += await wake(client, runs, [workspaceId, forgottenMs]);
    }
    return woken;
  });
}

async function wake(client: Queryable, runs: string, values: readonly unknown[]): Promise<number> {
  const { rowCount } = await client.query(
    `insert into outbox (workspace_id, enrolment_id, journey_key, kind, generation)
     select e.workspace_id, e.enrolment_id, e.journey_key, 'wake', e.generation ${runs} limit 1000`,
    [...values],
  );
  return rowCount ?? 0;
}

const FIRED = `
  from wait w
  join enrolment e on e.workspace_id = w.workspace_id and e.enrolment_id = w.enrolment_id and e.state = 'active' and e.seq = w.seq
  left join definition j on j.workspace_id = w.workspace_id and j.kind = 'journey' and j.key = e.journey_key
 where w.workspace_id = $1 and w.closed_at is null and w.fired is not null and j.state is distinct from 'paused'
   and (w.fired ->> 'clock')::float8 < extract(epoch from clock_timestamp()) * 1000 - $2::float8`;

const UNBLOCKED = `
  from delivery d
  join enrolment e on e.workspace_id = d.workspace_id and e.enrolment_id = d.enrolment_id and e.state = 'active'
                  and e.command ->> 'step' = d.step_id and (e.command ->> 'visit')::int = d.visit
  left join definition j on j.workspace_id = d.workspace_id and j.kind = 'journey' and j.key = d.journey_key
 where d.workspace_id = $1 and d.state in ('reserved', 'sending') and d.blocked_by is not null and d.blocked_by <> 'lane_behind'
   and d.reserved_at < clock_timestamp() - make_interval(secs => $2::float8 / 1000)
   and j.state is distinct from 'paused'
   and not exists (select from sending_stop s
                    where s.workspace_id = $1
                      and (s.scope, s.target) in (('workspace', ''), ('journey', d.journey_key), ('connection', d.connection_key)))`;

const ASKED = `
  from enrolment e
 where e.workspace_id = $1 and e.state <> 'ended'
   and exists (select from operator_request o
                where o.workspace_id = $1 and o.enrolment_id = e.enrolment_id and o.verdict is null
                  and o.created_at < clock_timestamp() - make_interval(secs => $2::float8 / 1000))`;

/**
 * Wakes the runs of a journey that is live again, or was stopped: those with something due, those at a message, those not begun.
 * With `all`, everybody in it. Call it in a transaction after the one that changed the journey's state, or a run that looked in
 * between sleeps on.
 */
export async function wakeJourney(
  client: Queryable,
  workspaceId: string,
  { journeyKey, all }: { readonly journeyKey: string; readonly all: boolean },
): Promise<number> {
  const { rowCount } = await client.query(
    `insert into outbox (workspace_id, enrolment_id, journey_key, kind, generation)
     select e.workspace_id, e.enrolment_id, e.journey_key, 'wake', e.generation
       from enrolment e
       left join wait w on w.workspace_id = $1 and w.enrolment_id = e.enrolment_id and w.seq = e.seq and w.closed_at is null
      where e.workspace_id = $1 and e.journey_key = $2 and e.state <> 'ended'
        and ($3 or w.seq is null or w.fired is not null or w.deadline <= clock_timestamp())`,
    [workspaceId, journeyKey, all],
  );
  return rowCount ?? 0;
}
