/**
 * A journey over real history, a page of people at a time: read in one transaction, simulated outside of it, added to the row in
 * another. Nothing is sent and nothing of a person is written.
 */
import {
  addSimulations,
  blastRadiusOf,
  NOTHING_SIMULATED,
  simulatePage,
  type BlastRadius,
  type JourneyDefinition,
  type Simulation,
} from '@throughline/domain/journeys';
import { inWorkspace, type Queryable } from '../shared/index.js';
import { readSimulatedPeople } from './simulated-people.js';
import { nextSimulated, planSimulation, type SimulationPlan } from './simulation-plan.js';
import { commitSimulatedPage, readSimulation } from './simulations.js';
import type { EnginePool } from './types.js';

/** Small enough that a page is simulated between two heartbeats and without holding up what shares the process. */
const PAGE = 100;
/** Pools of the engine give a step three seconds; a page of a long history may take longer. */
const PAGE_TIMEOUT_MS = 60_000;

export interface SimulationRef {
  readonly workspaceId: string;
  readonly simulationId: string;
}

export interface SimulationProgress {
  readonly state: 'more' | 'over';
  /** people simulated so far, and those that will be */
  readonly people: number;
  readonly sample: number;
  readonly entered: number;
}

const GONE: SimulationProgress = { state: 'over', people: 0, sample: 0, entered: 0 };

/** The next page of a simulation that was asked for. Twice is once: the row's cursor says which page is next. */
export async function simulateNextPage(
  pool: EnginePool,
  { workspaceId, simulationId }: SimulationRef,
): Promise<SimulationProgress> {
  const read = reader(pool, workspaceId);
  const row = await read((client) => readSimulation(client, workspaceId, simulationId));
  if (row === null) return GONE;
  const { plan, cursor, result, state } = row;
  if (state === 'done' || state === 'failed') return progress('over', plan, result);
  const page = await simulateNext(read, { workspaceId, plan, after: cursor });
  const whole = addSimulations(result, page.simulation);
  await read((client) =>
    commitSimulatedPage(client, workspaceId, {
      simulationId,
      before: cursor,
      cursor: page.last,
      result: whole,
      over: page.over,
    }),
  );
  return progress(page.over ? 'over' : 'more', plan, whole);
}

function progress(
  state: SimulationProgress['state'],
  { population, share }: SimulationPlan,
  { people, entered }: Simulation,
): SimulationProgress {
  return { state, people, sample: Math.round(population * share), entered };
}

type Read = <T>(work: (client: Queryable) => Promise<T>) => Promise<T>;

interface PageWanted {
  readonly workspaceId: string;
  readonly plan: SimulationPlan;
  readonly after: string | null;
}

async function simulateNext(
  read: Read,
  { workspaceId, plan, after }: PageWanted,
): Promise<{ simulation: Simulation; last: string | null; over: boolean }> {
  const { customers, people } = await read(async (client) => {
    await client.query(`set local statement_timeout = ${PAGE_TIMEOUT_MS}`);
    const page = { share: plan.share, after, limit: PAGE };
    const ids = await nextSimulated(client, workspaceId, page);
    return {
      customers: ids,
      people: await readSimulatedPeople(client, { workspaceId, plan, customers: ids }),
    };
  });
  return {
    simulation: simulatePage(plan.definition, people, plan),
    last: customers.at(-1) ?? after,
    over: customers.length < PAGE,
  };
}

function reader(pool: EnginePool, workspaceId: string): Read {
  return (work) => inWorkspace(pool, workspaceId, work);
}

export interface RadiusWanted {
  readonly definition: JourneyDefinition;
  readonly days: number;
  readonly maxCustomers: number;
}

export interface MeasuredRadius extends BlastRadius {
  readonly days: number;
  readonly people: number;
  readonly population: number;
}

/** What publishing would set going, from a sample that is looked at while somebody waits. */
export async function measureBlastRadius(
  pool: EnginePool,
  workspaceId: string,
  wanted: RadiusWanted,
): Promise<MeasuredRadius> {
  const { definition, days } = wanted;
  const read = reader(pool, workspaceId);
  const plan = await read((client) => planSimulation(client, workspaceId, wanted));
  const simulation = await simulateWhole(read, workspaceId, plan);
  const insideNow = await read((client) => countInside(client, workspaceId, definition));
  const radius = blastRadiusOf({ simulation, share: plan.share, days, insideNow });
  return { ...radius, days, people: simulation.people, population: plan.population };
}

/** For whoever waits for it: every page of the plan, one after another. */
async function simulateWhole(
  read: Read,
  workspaceId: string,
  plan: SimulationPlan,
): Promise<Simulation> {
  let whole = NOTHING_SIMULATED;
  for (let after: string | null = null, over = false; !over;) {
    const page = await simulateNext(read, { workspaceId, plan, after });
    whole = addSimulations(whole, page.simulation);
    ({ last: after, over } = page);
  }
  return whole;
}

async function countInside(
  client: Queryable,
  workspaceId: string,
  { trigger }: JourneyDefinition,
): Promise<number> {
  if (trigger.kind !== 'segment' || trigger.on !== 'entered') return 0;
  const { rows } = await client.query<{ count: number }>(
    'select count(*) as count from segment_membership where workspace_id = $1 and segment_key = $2',
    [workspaceId, trigger.segment],
  );
  return rows[0]?.count ?? 0;
}
