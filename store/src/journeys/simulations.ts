/** Simulations as rows: asked for by the API, worked off page by page by the activities, read by both. */
import { NOTHING_SIMULATED, type Simulation } from '@throughline/domain/journeys';
import { newId, type Queryable } from '../shared/index.js';
import type { RelayPool } from './outbox.js';
import type { SimulationPlan } from './simulation-plan.js';

export type SimulationState = 'queued' | 'running' | 'done' | 'failed';

export interface SimulationRow {
  readonly simulationId: string;
  readonly journeyKey: string;
  readonly version: number | null;
  readonly state: SimulationState;
  readonly days: number;
  readonly plan: SimulationPlan;
  readonly cursor: string | null;
  readonly result: Simulation;
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

export interface NewSimulation {
  readonly journeyKey: string;
  readonly version: number | null;
  readonly days: number;
  readonly plan: SimulationPlan;
  readonly createdBy: string;
}

const COLUMNS = `simulation_id as "simulationId", journey_key as "journeyKey", version, state, days, plan, cursor, result,
  created_at as "createdAt", finished_at as "finishedAt"`;

/** A forecast is of its day: old ones go when another is asked for. */
const KEPT = `interval '30 days'`;

export async function createSimulation(
  client: Queryable,
  workspaceId: string,
  { journeyKey, version, days, plan, createdBy }: NewSimulation,
): Promise<SimulationRow> {
  await client.query(
    `delete from simulation where workspace_id = $1 and created_at < clock_timestamp() - ${KEPT}`,
    [workspaceId],
  );
  const { rows } = await client.query<SimulationRow>(
    `insert into simulation (workspace_id, simulation_id, journey_key, version, days, plan, result, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${COLUMNS}`,
    [
      workspaceId,
      newId(),
      journeyKey,
      version,
      days,
      JSON.stringify(plan),
      JSON.stringify(NOTHING_SIMULATED),
      createdBy,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError('an insert answers with its row');
  return row;
}

export async function readSimulation(
  client: Queryable,
  workspaceId: string,
  simulationId: string,
): Promise<SimulationRow | null> {
  const { rows } = await client.query<SimulationRow>(
    `select ${COLUMNS} from simulation where workspace_id = $1 and simulation_id = $2`,
    [workspaceId, simulationId],
  );
  return rows[0] ?? null;
}

export interface PageDone {
  readonly simulationId: string;
  /** where the page began: a page that somebody else has added meanwhile is not added twice */
  readonly before: string | null;
  readonly cursor: string | null;
  readonly result: Simulation;
  readonly over: boolean;
}

export async function commitSimulatedPage(
  client: Queryable,
  workspaceId: string,
  { simulationId, before, cursor, result, over }: PageDone,
): Promise<void> {
  await client.query(
    `update simulation set cursor = $4, result = $5, state = case when $6 then 'done' else 'running' end,
            finished_at = case when $6 then clock_timestamp() end
      where workspace_id = $1 and simulation_id = $2 and cursor is not distinct from $3::uuid and state in ('queued', 'running')`,
    [workspaceId, simulationId, before, cursor, JSON.stringify(result), over],
  );
}

/** It has been tried often enough: what was counted until then stays to be seen. */
export async function failSimulation(
  client: Queryable,
  workspaceId: string,
  simulationId: string,
): Promise<void> {
  await client.query(
    `update simulation set state = 'failed', finished_at = clock_timestamp()
      where workspace_id = $1 and simulation_id = $2 and state in ('queued', 'running')`,
    [workspaceId, simulationId],
  );
}

export interface OpenSimulation {
  readonly workspaceId: string;
  readonly simulationId: string;
  readonly journeyKey: string;
  readonly days: number;
}

/** Those that ask for a run, oldest first, of every workspace. */
export async function listOpenSimulations(
  pool: RelayPool,
  most: number,
): Promise<OpenSimulation[]> {
  const { rows } = await pool.query<OpenSimulation>(
    `select workspace_id as "workspaceId", simulation_id as "simulationId", journey_key as "journeyKey", days
       from simulation where state in ('queued', 'running') order by created_at limit $1`,
    [most],
  );
  return rows;
}
