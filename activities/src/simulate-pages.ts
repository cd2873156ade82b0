/**
 * Pages of a simulation. A call works for about a minute, page by page; each leaves its counts and the cursor in one statement, so
 * a worker may be killed anywhere and nobody is counted twice.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { simulateNextPage, type EnginePool } from '@throughline/store/journeys';
import type { SimulationReport, SimulationRequest } from '@throughline/workflows/contract';
import type { Pulse } from './import-pages.js';

export interface SimulationDependencies {
  readonly pool: EnginePool;
  readonly now: () => number;
}

const WORK_FOR_MS = 60_000;

export async function simulatePages(
  { pool, now }: SimulationDependencies,
  request: SimulationRequest,
  pulse: Pulse<SimulationReport>,
): Promise<SimulationReport> {
  const until = now() + WORK_FOR_MS;
  for (;;) {
    const report = await simulateNextPage(pool, request);
    if (report.state === 'over' || now() > until) return report;
    pulse.beat(report);
    // A page is some tens of milliseconds of computing: whatever shares the process gets its turn in between.
    await breathe();
  }
}
