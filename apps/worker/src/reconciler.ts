/**
 * Compares what PostgreSQL calls open with what Temporal runs. A run that was terminated, failed or deleted is begun anew with a
 * raised generation, from where the store stands; where the run was ahead of the store, or completed, only a person can decide.
 */
import type { Client } from '@temporalio/client';
import {
  holdEnrolment,
  listOpenEnrolments,
  listWorkspaces,
  restartRun,
  wakeForgotten,
  type EnginePool,
  type OpenEnrolment,
  type RelayPool,
} from '@throughline/store/journeys';
import { compareRun, type Action } from './compare-run.js';
import type { Log } from './log.js';
import { Loop } from './loop.js';

export interface ReconcilerOptions {
  readonly relay: RelayPool;
  readonly engine: EnginePool;
  readonly client: Client;
  readonly afterRestore: boolean;
  readonly log: Log;
  readonly everyMs?: number;
  /** rows that changed later than this are left alone */
  readonly quietMs?: number;
}

export interface Findings {
  readonly looked: number;
  readonly restarted: number;
  readonly held: number;
  readonly woken: number;
}

const EVERY_MS = 30_000;
const QUIET_MS = 10_000;
const PAGE = 200;
/** Of one workspace in one pass: a million open runs are gone through over hours, not at once. */
const MOST_PAGES = 5;
const AT_ONCE = 10;

export class Reconciler {
  private readonly loop: Loop;
  /** where the last pass ended, per workspace */
  private readonly cursors = new Map<string, string>();
  last: Findings | null = null;

  constructor(private readonly options: ReconcilerOptions) {
    this.loop = new Loop(
      async (signal) => {
        this.last = await this.pass(signal);
        return 'idle';
      },
      {
        everyMs: options.everyMs ?? EVERY_MS,
        afterFailureMs: options.everyMs ?? EVERY_MS,
        onFailure: (error) => {
          options.log.failure(error, {}, 'the reconciler could not finish its pass');
        },
      },
    );
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** One pass over every workspace, by one process at a time. Null when another process is at it. */
  async pass(signal: AbortSignal = new AbortController().signal): Promise<Findings | null> {
    const guard = await this.options.relay.connect();
    // A connection that breaks fails the next query; without a listener it would end the process.
    const ignore = (): void => undefined;
    guard.on('error', ignore);
    try {
      const { rows } = await guard.query<{ mine: boolean }>(
        'select pg_try_advisory_lock(7301, 3) as mine',
      );
      if (rows[0]?.mine !== true) return null;
      try {
        return await this.everyWorkspace(signal);
      } finally {
        await guard.query('select pg_advisory_unlock(7301, 3)');
      }
    } finally {
      guard.off('error', ignore);
      guard.release();
    }
  }

  private async everyWorkspace(signal: AbortSignal): Promise<Findings> {
    const total = { looked: 0, restarted: 0, held: 0, woken: 0 };
    for (const workspaceId of await listWorkspaces(this.options.relay)) {
      total.woken += await wakeForgotten(this.options.engine, workspaceId, this.quietMs);
      for (let page = 0; page < MOST_PAGES && !signal.aborted; page += 1) {
        const found = await this.page(workspaceId);
        total.looked += found.length;
        for (const verdict of found) if (verdict !== 'fine') total[verdict] += 1;
        if (found.length < PAGE) break;
      }
    }
    if (total.restarted + total.held + total.woken > 0) this.options.log.info(total, 'reconciled');
    return total;
  }

  private async page(workspaceId: string): Promise<Verdict[]> {
    const after = this.cursors.get(workspaceId) ?? null;
    const page = { workspaceId, after, limit: PAGE, quietMs: this.quietMs };
    const enrolments = await listOpenEnrolments(this.options.engine, page);
    const last = enrolments.at(-1);
    if (last !== undefined && enrolments.length === PAGE)
      this.cursors.set(workspaceId, last.enrolmentId);
    else this.cursors.delete(workspaceId);
    const verdicts: Verdict[] = [];
    for (let start = 0; start < enrolments.length; start += AT_ONCE) {
      const some = enrolments.slice(start, start + AT_ONCE);
      verdicts.push(...(await Promise.all(some.map((one) => this.compare(workspaceId, one)))));
    }
    return verdicts;
  }

  private async compare(workspaceId: string, enrolment: OpenEnrolment): Promise<Verdict> {
    const action = await compareRun(this.options, enrolment);
    return this.carryOut({ workspaceId, ...enrolment }, action);
  }

  private async carryOut(
    seen: OpenEnrolment & { workspaceId: string },
    action: Action,
  ): Promise<Verdict> {
    const { engine, log } = this.options;
    if (action === 'none') return 'fine';
    const { enrolmentId, journeyKey } = seen;
    if (action === 'restart') {
      if (!(await restartRun(engine, seen))) return 'fine';
      log.warn({ enrolmentId, journeyKey, seq: seen.seq }, 'a run was gone and is begun anew');
      return 'restarted';
    }
    if (!(await holdEnrolment(engine, seen, action))) return 'fine';
    log.warn(
      { enrolmentId, journeyKey, seq: seen.seq, reason: action },
      'an enrolment is held for a person to decide',
    );
    return 'held';
  }

  private get quietMs(): number {
    return this.options.quietMs ?? QUIET_MS;
  }
}

type Verdict = 'fine' | 'restarted' | 'held';
