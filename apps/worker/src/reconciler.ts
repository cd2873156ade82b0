/**
 * Compares what PostgreSQL calls open with what Temporal runs. A run that was terminated, failed or deleted is begun anew with a
 * raised generation, from where the store stands; where the run was ahead of the store, or completed, only a person can decide.
 */
import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';
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
import { journeyWorkflowId } from '@throughline/workflows/contract';
import type { Log } from './log.js';
import { Loop } from './loop.js';
import { lastSeq } from './run-history.js';

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

/** Held by us: without a person's word they stay as they are. */
const OUR_REASONS = ['run_completed', 'run_ahead', 'run_missing_after_restore'];

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
    const { state, heldReason, asked } = enrolment;
    const isOurs = state === 'held' && OUR_REASONS.includes(heldReason ?? '');
    if (isOurs && !asked) return 'fine';
    const action = isOurs ? await this.ifNotRunning(enrolment) : await this.decide(enrolment);
    return this.carryOut({ workspaceId, ...enrolment }, action);
  }

  /** A person has asked something of an enrolment that we hold: only a run can answer, whatever became of the last one. */
  private async ifNotRunning(enrolment: OpenEnrolment): Promise<Action> {
    return (await this.statusOf(enrolment)) === 'RUNNING' ? 'none' : 'restart';
  }

  private async decide(enrolment: OpenEnrolment): Promise<Action> {
    const status = await this.statusOf(enrolment);
    if (status === 'missing')
      return this.options.afterRestore ? 'run_missing_after_restore' : 'restart';
    if (status === 'COMPLETED') return 'run_completed';
    if (!CUT_SHORT.includes(status)) return 'none';
    return (await this.seqOfRun(enrolment)) > enrolment.seq ? 'run_ahead' : 'restart';
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

  private async statusOf(
    enrolment: OpenEnrolment,
  ): Promise<WorkflowExecutionStatusName | 'missing'> {
    try {
      return (await this.handle(enrolment).describe()).status.name;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'missing';
      throw error;
    }
  }

  private async seqOfRun(enrolment: OpenEnrolment): Promise<number> {
    return lastSeq(await this.handle(enrolment).fetchHistory());
  }

  private handle({ journeyKey, enrolmentId }: OpenEnrolment) {
    return this.options.client.workflow.getHandle(journeyWorkflowId(journeyKey, enrolmentId));
  }

  private get quietMs(): number {
    return this.options.quietMs ?? QUIET_MS;
  }
}

/** Ended by somebody or something else than the run itself. */
const CUT_SHORT: readonly string[] = ['TERMINATED', 'FAILED', 'TIMED_OUT', 'CANCELLED'];

type Action = 'none' | 'restart' | 'run_completed' | 'run_ahead' | 'run_missing_after_restore';
type Verdict = 'fine' | 'restarted' | 'held';
