import type { CapsDocument } from '@throughline/domain/destinations';
import type { JourneyDefinition } from '@throughline/domain/journeys';
import { InvariantBroken } from '@throughline/domain/shared';
import type { Queryable } from '../shared/index.js';
import { timestampText } from './timestamp.js';

/** What is simulated, fixed at the beginning: pages that are read later are of the same time and the same sample. */
export interface SimulationPlan {
  readonly definition: JourneyDefinition;
  /** ms on the lane's clock */
  readonly from: number;
  readonly until: number;
  /** inputs behind the first and up to the second position are those of the time */
  readonly fromPosition: number;
  readonly untilPosition: number;
  /** people there are, and the part of them that is looked at, drawn by a hash of their ids */
  readonly population: number;
  readonly share: number;
  readonly caps: CapsDocument;
}

export interface SimulationWanted {
  readonly definition: JourneyDefinition;
  readonly days: number;
  readonly maxCustomers: number;
}

const DAY_MS = 86_400_000;
/** The hash is cut to so many values: a share is exact to a millionth. */
const DRAWS = 1_048_576;

/** Up to where the lane has come: what it has not applied has not happened to anybody. */
export async function planSimulation(
  client: Queryable,
  workspaceId: string,
  { definition, days, maxCustomers }: SimulationWanted,
): Promise<SimulationPlan> {
  const { rows } = await client.query<PlanRow>(
    `select l.position, l.clock, clock_timestamp() as now,
            (select k.rules from workspace_caps k where k.workspace_id = $1) as rules,
            (select count(*) from customer c where c.workspace_id = $1 and c.merged_into is null) as population
       from lane l where l.workspace_id = $1`,
    [workspaceId],
  );
  const [row] = rows;
  if (row === undefined) throw new InvariantBroken('a workspace without a lane');
  const { position: untilPosition, population, rules } = row;
  const until = Number.isFinite(row.clock) ? row.clock : row.now;
  const from = until - days * DAY_MS;
  return {
    definition,
    from,
    until,
    fromPosition: await lastPositionBefore(client, workspaceId, from),
    untilPosition,
    population,
    share: population === 0 ? 1 : Math.min(1, maxCustomers / population),
    caps: { rules: rules ?? [] },
  };
}

interface PlanRow {
  readonly position: number;
  /** before its first input a lane stands at -infinity */
  readonly clock: number;
  readonly now: number;
  readonly rules: CapsDocument['rules'] | null;
  readonly population: number;
}

/** Positions are in the order of the clock. */
async function lastPositionBefore(
  client: Queryable,
  workspaceId: string,
  instant: number,
): Promise<number> {
  const { rows } = await client.query<{ position: number }>(
    `select position from event where workspace_id = $1 and clock < $2 order by position desc limit 1`,
    [workspaceId, timestampText(instant)],
  );
  return rows[0]?.position ?? 0;
}

/** The next people of the sample, in the order of their ids. */
export async function nextSimulated(
  client: Queryable,
  workspaceId: string,
  page: { readonly share: number; readonly after: string | null; readonly limit: number },
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select customer_id as id from customer
      where workspace_id = $1 and merged_into is null and ($2::uuid is null or customer_id > $2)
        and (uuid_hash(customer_id)::bigint & ${DRAWS - 1}) < $3 order by customer_id limit $4`,
    [workspaceId, page.after, Math.ceil(page.share * DRAWS), page.limit],
  );
  return rows.map(({ id }) => id);
}
