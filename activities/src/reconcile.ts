/**
 * A run of reconcileIdentity. Comparing needs all customers at once, as numbers: some tens of bytes a customer and column. What it
 * found is written in one transaction, then settled in pages, each with its cursor: a worker may be killed anywhere.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import {
  linkInSteps,
  TableBuilder,
  type LinkageTable,
  type Steps,
} from '@throughline/domain/identity/linkage';
import {
  beginRun,
  closeRun,
  readComparedCustomers,
  readDifferences,
  readRun,
  settlePage,
  writeMatch,
  writeScheduledRun,
  type ReconcileRun,
} from '@throughline/store/identity';
import { appendCommand } from '@throughline/store/ingestion';
import type { EnginePool } from '@throughline/store/journeys';
import { inWorkspace } from '@throughline/store/shared';
import type {
  ReconcileRef,
  ReconcileReport,
  ReconcileRequest,
} from '@throughline/workflows/contract';
import { groupsOf, kindsOf, recordOf } from './compare-customers.js';
import type { Pulse } from './pulse.js';

export interface ReconcileDependencies {
  readonly pool: EnginePool;
  readonly customersPerPage?: number;
  readonly proposalsPerPage?: number;
}

const CUSTOMERS_PER_PAGE = 2_000;
const PROPOSALS_PER_PAGE = 200;

/** `scheduledRunId` is the same for every attempt of a run that the schedule began. */
export async function openReconcile(
  { pool }: ReconcileDependencies,
  { workspaceId, runId }: ReconcileRequest,
  scheduledRunId: string,
): Promise<ReconcileRef> {
  return inWorkspace(pool, workspaceId, async (client) => {
    if (runId === null) await writeScheduledRun(client, workspaceId, scheduledRunId);
    const ref = { workspaceId, runId: runId ?? scheduledRunId };
    await beginRun(client, workspaceId, ref.runId);
    return ref;
  });
}

export async function matchCustomers(
  deps: ReconcileDependencies,
  ref: ReconcileRef,
  pulse: Pulse<ReconcileReport>,
): Promise<ReconcileReport> {
  const { pool } = deps;
  const { workspaceId, runId } = ref;
  const run = await reading(pool, ref);
  if (run?.state !== 'running' || run.proposed !== null) return reportOf(run);
  const { builder, ids } = await readTable(deps, ref, pulse);
  const differences = await inWorkspace(pool, workspaceId, (client) =>
    readDifferences(client, workspaceId),
  );
  const kinds = kindsOf(builder.names(), run.columns);
  const table = await paced(builder.buildInSteps(kinds), pulse);
  const mayJoin = joinable(ids, differences);
  const linkage = await paced(linkInSteps(table, { threshold: run.suggestAt, mayJoin }), pulse);
  const match = {
    customers: ids.length,
    candidates: linkage.candidates,
    compared: comparedColumns(table),
    groups: groupsOf(linkage, ids),
  };
  await inWorkspace(pool, workspaceId, (client) =>
    writeMatch(client, { workspaceId, runId }, match),
  );
  return reportOf(await reading(pool, ref));
}

async function readTable(
  { pool, customersPerPage = CUSTOMERS_PER_PAGE }: ReconcileDependencies,
  { workspaceId }: ReconcileRef,
  pulse: Pulse<ReconcileReport>,
): Promise<{ builder: TableBuilder; ids: string[] }> {
  const builder = new TableBuilder();
  const ids: string[] = [];
  for (;;) {
    const page = { after: ids.at(-1) ?? null, limit: customersPerPage };
    const customers = await inWorkspace(pool, workspaceId, (client) =>
      readComparedCustomers(client, workspaceId, page),
    );
    for (const customer of customers) {
      builder.addRecord(recordOf(customer));
      ids.push(customer.customerId);
    }
    pulse.beat({ ...NOTHING, state: 'more', customers: ids.length });
    if (customers.length < customersPerPage) return { builder, ids };
  }
}

/** The process answers others as well, so computing gives way every few milliseconds. */
async function paced<T>(steps: Steps<T>, pulse: Pulse<ReconcileReport>): Promise<T> {
  let restedAt = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - restedAt < PACE_MS) continue;
    pulse.beat({ ...NOTHING, state: 'more' });
    await breathe();
    restedAt = performance.now();
  }
}

const PACE_MS = 10;

/** False for two customers whom a person has declared to be two. */
function joinable(
  ids: readonly string[],
  differences: readonly (readonly [string, string])[],
): (left: number, right: number) => boolean {
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const apart = new Set(
    differences.flatMap(([a, b]) => {
      const [left, right] = [rowOf.get(a), rowOf.get(b)];
      return left === undefined || right === undefined ? [] : [rowPair(left, right)];
    }),
  );
  return (left, right) => apart.size === 0 || !apart.has(rowPair(left, right));
}

function rowPair(left: number, right: number): string {
  return left < right ? `${left} ${right}` : `${right} ${left}`;
}

function comparedColumns({ columns }: LinkageTable): Record<string, string> {
  return Object.fromEntries(columns.map(({ name, kind }) => [name, kind]));
}

/** One page: suggestions, and with them in one transaction the merges of those that are sure enough. */
export async function settleProposals(
  { pool, proposalsPerPage = PROPOSALS_PER_PAGE }: ReconcileDependencies,
  ref: ReconcileRef,
): Promise<ReconcileReport> {
  const { workspaceId } = ref;
  const state = await inWorkspace(pool, workspaceId, async (client) => {
    const page = await settlePage(client, ref, proposalsPerPage);
    // Last, because it takes the append lock.
    for (const customerIds of page.merges)
      await appendCommand(client, workspaceId, { kind: 'merge', customerIds });
    return page.state;
  });
  return { ...reportOf(await reading(pool, ref)), state };
}

export async function closeReconcile(
  { pool }: ReconcileDependencies,
  ref: ReconcileRef,
  state: 'done' | 'cancelled',
): Promise<ReconcileReport> {
  await inWorkspace(pool, ref.workspaceId, (client) => closeRun(client, ref, state));
  return reportOf(await reading(pool, ref));
}

function reading(
  pool: EnginePool,
  { workspaceId, runId }: ReconcileRef,
): Promise<ReconcileRun | null> {
  return inWorkspace(pool, workspaceId, (client) => readRun(client, workspaceId, runId));
}

const NOTHING: ReconcileReport = {
  state: 'over',
  customers: 0,
  candidates: 0,
  proposed: 0,
  suggested: 0,
  merged: 0,
  skipped: 0,
};

function reportOf(run: ReconcileRun | null): ReconcileReport {
  if (run === null) return NOTHING;
  const { customers, candidates, proposed, suggested, merged, skipped } = run;
  return {
    state: 'over',
    customers: customers ?? 0,
    candidates: candidates ?? 0,
    proposed: proposed ?? 0,
    suggested,
    merged,
    skipped,
  };
}
