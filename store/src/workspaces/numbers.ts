import { HELD_OUT } from '@throughline/domain/journeys';
import type { Queryable } from '../shared/index.js';

/** One step of one version, counted over the trail. */
export interface StepNumbers {
  readonly version: number;
  readonly step: string;
  readonly entered: number;
  readonly waiting: number;
  readonly sent: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
  readonly unknown: number;
}

export interface JourneyNumbers {
  readonly journey: string;
  readonly asOf: number;
  readonly entered: number;
  readonly active: number;
  readonly held: number;
  readonly ended: Readonly<Record<string, number>>;
  /** by goal, of those who were not left out */
  readonly converted: Readonly<Record<string, number>>;
  /** who was left out to be compared with, and what they did all the same */
  readonly holdout: {
    readonly entered: number;
    readonly converted: Readonly<Record<string, number>>;
  };
  readonly steps: readonly StepNumbers[];
}

interface Counted {
  readonly version: number;
  readonly step: string;
  readonly kind: string;
  readonly reason: string | null;
  readonly count: number;
}

/** Read straight from the rows, so the totals are the trail's own, and as old as this statement. */
export async function readJourneyNumbers(
  client: Queryable,
  workspaceId: string,
  journeyKey: string,
): Promise<JourneyNumbers> {
  const by = [workspaceId, journeyKey];
  const trail = await client.query<Counted>(TRAIL, by);
  const waits = await client.query<Counted>(WAITING, by);
  const enrolments = await client.query<{ state: string; outcome: string | null; count: number }>(
    `select state, outcome, count(*)::int as count from enrolment where workspace_id = $1 and journey_key = $2 group by 1, 2`,
    by,
  );
  const goals = await client.query<{ goal: string; left_out: boolean; count: number }>(
    `select c.goal_id as goal, e.outcome is not distinct from '${HELD_OUT}' as left_out, count(*)::int as count
       from goal_conversion c join enrolment e using (workspace_id, enrolment_id)
      where c.workspace_id = $1 and e.journey_key = $2 group by 1, 2`,
    by,
  );
  const clock = await client.query<{ now: number }>('select clock_timestamp() as now');
  const inState = (state: string): number =>
    enrolments.rows.filter((row) => row.state === state).reduce((sum, row) => sum + row.count, 0);
  return {
    journey: journeyKey,
    asOf: clock.rows[0]?.now ?? 0,
    entered: enrolments.rows.reduce((sum, row) => sum + row.count, 0),
    active: inState('active'),
    held: inState('held'),
    ended: counts(
      enrolments.rows.flatMap(({ state, outcome, count }) =>
        state === 'ended' ? [{ name: outcome ?? 'completed', count }] : [],
      ),
    ),
    converted: convertedOf(goals.rows, false),
    holdout: {
      entered: enrolments.rows.find(({ outcome }) => outcome === HELD_OUT)?.count ?? 0,
      converted: convertedOf(goals.rows, true),
    },
    steps: byStep([...trail.rows, ...waits.rows]),
  };
}

function convertedOf(
  goals: readonly { goal: string; left_out: boolean; count: number }[],
  leftOut: boolean,
): Record<string, number> {
  return counts(
    goals
      .filter(({ left_out }) => left_out === leftOut)
      .map(({ goal, count }) => ({ name: goal, count })),
  );
}

const TRAIL = `
  select version, step_id as step, kind, coalesce(detail->>'reason', detail->>'code') as reason, count(*)::int as count
    from trail where workspace_id = $1 and journey_key = $2 and step_id is not null group by 1, 2, 3, 4`;

const WAITING = `
  select e.version, w.step_id as step, 'now_waiting' as kind, null as reason, count(*)::int as count
    from enrolment e join wait w using (workspace_id, enrolment_id)
   where e.workspace_id = $1 and e.journey_key = $2 and e.state <> 'ended' and w.closed_at is null group by 1, 2`;

function byStep(rows: readonly Counted[]): StepNumbers[] {
  const groups = new Map<string, Counted[]>();
  for (const row of rows) {
    const id = `${row.version}.${row.step}`;
    groups.set(id, [...(groups.get(id) ?? []), row]);
  }
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group;
      return first === undefined ? [] : [stepNumbers(first, group)];
    })
    .sort((a, b) => a.version - b.version || a.step.localeCompare(b.step));
}

function stepNumbers({ version, step }: Counted, rows: readonly Counted[]): StepNumbers {
  const of = (kind: string): readonly Counted[] => rows.filter((row) => row.kind === kind);
  const sum = (kind: string): number => of(kind).reduce((total, row) => total + row.count, 0);
  const reasons = (kind: string): Record<string, number> =>
    counts(of(kind).map((row) => ({ name: row.reason ?? 'unspecified', count: row.count })));
  return {
    version,
    step,
    entered: sum('stepped'),
    waiting: sum('now_waiting'),
    sent: sum('sent'),
    skipped: reasons('skipped'),
    failed: reasons('failed'),
    unknown: sum('unknown'),
  };
}

function counts(rows: readonly { name: string; count: number }[]): Record<string, number> {
  const totals = new Map<string, number>();
  for (const { name, count } of rows) totals.set(name, (totals.get(name) ?? 0) + count);
  return Object.fromEntries(totals);
}
