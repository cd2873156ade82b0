/**
 * Pages of an import. A call works for about a minute, page by page, each its own transaction with the cursor in it; what is left
 * is another call's. So a worker may be killed anywhere and nothing is mapped twice or left out.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  commitImportPage,
  failImport,
  laneBacklog,
  readImportPage,
  settleImport,
  type ImportOutcome,
  type ImportPage,
} from '@throughline/store/ingestion';
import type { EnginePool } from '@throughline/store/journeys';
import type { ImportReport, ImportRequest } from '@throughline/workflows/contract';
import { mapPage, type RowMapper } from './map-page.js';

export interface ImportDependencies {
  readonly pool: EnginePool;
  readonly now: () => number;
  /** null: what the import holds as its mapping is none */
  readonly mapperOf: (page: ImportPage) => RowMapper | null;
}

/** Says that the work goes on; throws where it must not. */
export interface Pulse<T> {
  readonly beat: (report: T) => void;
  readonly signal: AbortSignal;
}

const WORK_FOR_MS = 60_000;
/** Inputs of the log between the last that was appended and the lane: a few seconds of its work. */
const MOST_BACKLOG = 20;
const LOOK_AGAIN_MS = 100;

export async function stageImportPages(
  deps: ImportDependencies,
  request: ImportRequest,
  pulse: Pulse<ImportReport>,
): Promise<ImportReport> {
  const until = deps.now() + WORK_FOR_MS;
  let mapper: RowMapper | null = null;
  for (;;) {
    const page = await readImportPage(deps.pool, request);
    if (page?.state !== 'running') return page === null ? NOTHING : report('over', page);
    pulse.beat(report('more', page));
    if (page.chunk === null) return report('over', page);
    mapper ??= deps.mapperOf(page);
    if (mapper === null) {
      await failImport(deps.pool, request, 'mapping_unreadable');
      return report('over', page);
    }
    if (await behind(deps, request))
      await delay(LOOK_AGAIN_MS, undefined, { signal: pulse.signal });
    else await commitImportPage(deps.pool, request, mapPage(page, mapper));
    if (deps.now() > until) return report('more', page);
  }
}

/** Live events stand in the same log: a file waits for the lane rather than they for the file. */
async function behind(
  { pool }: ImportDependencies,
  { workspaceId }: ImportRequest,
): Promise<boolean> {
  return (await laneBacklog(pool, workspaceId, MOST_BACKLOG + 1)) > MOST_BACKLOG;
}

export async function settleImportPages(
  deps: Pick<ImportDependencies, 'pool' | 'now'>,
  request: ImportRequest,
  pulse: Pulse<ImportReport>,
): Promise<ImportReport> {
  const until = deps.now() + WORK_FOR_MS;
  let settled = -1;
  for (;;) {
    const outcome = await settleImport(deps.pool, request);
    if (outcome === null) return NOTHING;
    const now = report(outcome.open === 0 ? 'over' : 'more', outcome, settledOf(outcome));
    if (outcome.open === 0 || deps.now() > until) return now;
    pulse.beat(now);
    if (now.settled === settled) await delay(LOOK_AGAIN_MS, undefined, { signal: pulse.signal });
    settled = now.settled;
  }
}

function settledOf({ accepted, duplicates, quarantined }: ImportOutcome): number {
  return accepted + duplicates + quarantined;
}

const NOTHING: ImportReport = {
  state: 'over',
  rowsTotal: 0,
  rowsRead: 0,
  events: 0,
  rejected: 0,
  settled: 0,
};

function report(
  state: ImportReport['state'],
  from: Pick<ImportPage, 'rowsTotal' | 'rowsRead' | 'events' | 'rejected'>,
  settled = 0,
): ImportReport {
  const { rowsTotal, rowsRead, events, rejected } = from;
  return { state, rowsTotal, rowsRead, events, rejected, settled };
}
