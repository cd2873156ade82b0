/**
 * Brings starts and wakes from the outbox to Temporal. Ids make every repeat harmless, so a row is deleted only after Temporal
 * has taken it, and nothing is lost or doubled wherever the process dies.
 */
import {
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
} from '@temporalio/client';
import {
  claimOutbox,
  deleteOutbox,
  outboxBacklog,
  releaseOutbox,
  type OutboxRow,
  type RelayPool,
} from '@throughline/store/journeys';
import { journeyWorkflowId, WAKE_SIGNAL } from '@throughline/workflows/contract';
import { startOptions } from './journey-start.js';
import { describeFailure, type Log } from './log.js';
import { Loop } from './loop.js';

export interface RelayOptions {
  readonly pool: RelayPool;
  readonly client: Client;
  readonly taskQueue: string;
  readonly publicUrl: string;
  readonly concurrency: number;
  readonly log: Log;
}

const POLL_MS = 100;
/** Short: rows of a process that died are taken up by the next within it, and a repeat is harmless. */
export const LEASE_MS = 4_000;
/** Shorter than the lease, so that nobody, not even we, carries a row that is still on its way. */
const CALL_MS = 3_000;
const LONGEST_PAUSE_MS = 30_000;
/** Nothing is wrong with a row that finds Temporal away: it goes as soon as Temporal is back. */
const OUTAGE_PAUSE_MS = 500;
const OUTAGES: readonly number[] = [1, 4, 8, 14]; // CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE

export class OutboxRelay {
  private readonly loop: Loop;
  private readonly underWay = new Set<Promise<void>>();
  private done: number[] = [];
  private deleting: Promise<void> | null = null;
  readonly counts = { started: 0, woken: 0, failed: 0 };

  constructor(private readonly options: RelayOptions) {
    this.loop = new Loop(() => this.pass(), {
      everyMs: POLL_MS,
      afterFailureMs: 500,
      onFailure: (error) => {
        options.log.failure(error, {}, 'the outbox could not be read');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop();
    await Promise.all(this.underWay);
    await this.deleting;
  }

  /** The lane has just written rows. */
  ring(): void {
    this.loop.ring();
  }

  backlog(): Promise<{ rows: number; oldestMs: number }> {
    return outboxBacklog(this.options.pool);
  }

  private async pass(): Promise<'more' | 'idle'> {
    const room = this.options.concurrency - this.underWay.size;
    if (room <= 0) {
      await Promise.race(this.underWay);
      return 'more';
    }
    const rows = await claimOutbox(this.options.pool, { limit: room, leaseMs: LEASE_MS });
    for (const row of rows) this.carry(row);
    return rows.length > 0 ? 'more' : 'idle';
  }

  private carry(row: OutboxRow): void {
    const carried = this.deliver(row)
      .then(
        () => this.settle(row.outboxId),
        (error: unknown) => this.putBack(row, error),
      )
      .catch((error: unknown) => {
        // The lease ends by itself and the row is tried again.
        this.options.log.failure(
          error,
          { outboxId: row.outboxId },
          'an outbox row could not be put back',
        );
      })
      .finally(() => {
        this.underWay.delete(carried);
        // The enrolment's next row may be waiting for this one.
        this.ring();
      });
    this.underWay.add(carried);
  }

  private deliver(row: OutboxRow): Promise<void> {
    return this.options.client.withDeadline(Date.now() + CALL_MS, () =>
      row.kind === 'wake' ? this.wake(row) : this.begin(row),
    );
  }

  private async begin(row: OutboxRow): Promise<void> {
    const start = startOptions(row, this.options);
    // An enrolment that is gone needs no run.
    if (start === null) return;
    try {
      await this.options.client.workflow.start('customerJourney', start);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    this.counts.started += 1;
  }

  /** Rows of one enrolment come in order, so its start has been taken: a run that is not there has ended or is the reconciler's. */
  private async wake(row: OutboxRow): Promise<void> {
    try {
      await this.options.client.workflow
        .getHandle(journeyWorkflowId(row.journeyKey, row.enrolmentId))
        .signal(WAKE_SIGNAL);
      this.counts.woken += 1;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }

  /** Rows that are done at about the same time are deleted by one statement. */
  private async settle(outboxId: number): Promise<void> {
    this.done.push(outboxId);
    while (this.done.includes(outboxId)) {
      this.deleting ??= this.deleteDone().finally(() => {
        this.deleting = null;
      });
      await this.deleting;
    }
  }

  private async deleteDone(): Promise<void> {
    // A copy: what is done while the statement runs is for the next one.
    const ids = [...this.done];
    await deleteOutbox(this.options.pool, ids);
    this.done = this.done.filter((id) => !ids.includes(id));
  }

  private async putBack(row: OutboxRow, error: unknown): Promise<void> {
    this.counts.failed += 1;
    this.options.log.warn(
      {
        outboxId: row.outboxId,
        kind: row.kind,
        attempts: row.attempts,
        failure: describeFailure(error),
      },
      'Temporal did not take an outbox row; it will be tried again',
    );
    await releaseOutbox(this.options.pool, row.outboxId, pauseAfter(error, row.attempts));
  }
}

function pauseAfter(error: unknown, attempts: number): number {
  return isOutage(error)
    ? OUTAGE_PAUSE_MS
    : Math.min(LONGEST_PAUSE_MS, 100 * 2 ** Math.min(attempts, 12));
}

/** The client wraps what gRPC says. */
function isOutage(error: unknown): boolean {
  if (isGrpcServiceError(error)) return OUTAGES.includes(error.code);
  return error instanceof Error && error.cause !== undefined && isOutage(error.cause);
}
