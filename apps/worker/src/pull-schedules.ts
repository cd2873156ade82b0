/**
 * Keeps a schedule in Temporal for every live pull. The definitions decide; a schedule that is missing, old or left over is mended
 * at the next look, so that publishing needs no Temporal and a lost Temporal database loses no pull.
 */
import { ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { PullSchema, type PullDefinition } from '@throughline/domain/ingestion/schemas';
import {
  listPullsToSchedule,
  notePullScheduled,
  type PullToSchedule,
} from '@throughline/store/ingestion';
import type { RelayPool } from '@throughline/store/journeys';
import { pullScheduleId } from '@throughline/workflows/contract';
import { keepSchedule, type WantedSchedule } from './keep-schedule.js';
import type { Log } from './log.js';
import { Loop } from './loop.js';

export interface PullSchedulesOptions {
  readonly pool: RelayPool;
  readonly client: Client;
  readonly taskQueue: string;
  readonly log: Log;
  readonly everyMs?: number;
}

const EVERY_MS = 2_000;
const MOST = 50;
/** A minute's worth of pulls should not all begin in its first second. */
const JITTER_MS = 15_000;
/** A run that was missed longer ago than this is made up for by the next one: it reads everything since. */
const CATCH_UP_MS = 10 * 60_000;

export class PullSchedules {
  private readonly loop: Loop;

  constructor(private readonly options: PullSchedulesOptions) {
    const everyMs = options.everyMs ?? EVERY_MS;
    this.loop = new Loop(() => this.pass(), {
      everyMs,
      afterFailureMs: everyMs * 5,
      onFailure: (error) => {
        options.log.failure(error, {}, 'the schedules of pulls could not be kept');
      },
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** One look; tests call it themselves. */
  async pass(): Promise<'more' | 'idle'> {
    const wrong = await listPullsToSchedule(this.options.pool, MOST);
    for (const pull of wrong) await this.mend(pull);
    return wrong.length === MOST ? 'more' : 'idle';
  }

  private async mend(pull: PullToSchedule): Promise<void> {
    const { version, body, scheduledVersion, runRequested } = pull;
    const parsed = body === null ? null : PullSchema.safeParse(body);
    const { workspaceId, pullKey } = pull;
    const scheduleId = pullScheduleId(workspaceId, pullKey);
    if (parsed?.success !== true) await keepSchedule(this.options.client, scheduleId, null);
    else if (version !== scheduledVersion)
      await keepSchedule(this.options.client, scheduleId, this.scheduleOf(pull, parsed.data));
    const wantsRun = runRequested && parsed?.success === true;
    if (wantsRun) {
      const handle = this.options.client.schedule.getHandle(scheduleId);
      await handle.trigger(ScheduleOverlapPolicy.SKIP);
    }
    await notePullScheduled(this.options.pool, pull, version);
  }

  private scheduleOf(
    { workspaceId, pullKey }: PullToSchedule,
    { schedule }: PullDefinition,
  ): WantedSchedule {
    return {
      workflowType: 'pullSource',
      workflowId: pullScheduleId(workspaceId, pullKey),
      workspaceId,
      request: { workspaceId, pullKey },
      summary: `pull ${pullKey}`,
      taskQueue: this.options.taskQueue,
      spec: {
        ...('cron' in schedule
          ? { cronExpressions: [schedule.cron] }
          : { intervals: [{ every: schedule.everyMinutes * 60_000 }] }),
        jitter: JITTER_MS,
      },
      catchUpMs: CATCH_UP_MS,
    };
  }
}
