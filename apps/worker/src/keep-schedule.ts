/** A schedule in Temporal as it is wanted: made, brought up to date, or taken away. */
import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';

type ScheduleSpec = ScheduleOptions['spec'];

export interface WantedSchedule {
  readonly workflowType: string;
  /** of its runs; Temporal puts their time behind it */
  readonly workflowId: string;
  readonly workspaceId: string;
  readonly request: object;
  readonly summary: string;
  readonly taskQueue: string;
  readonly spec: ScheduleSpec;
  /** a run that was missed longer ago than this is made up for by the next one */
  readonly catchUpMs: number;
}

/** Null takes it away. Whatever it finds, calling it again changes nothing more. */
export async function keepSchedule(
  client: Client,
  scheduleId: string,
  wanted: WantedSchedule | null,
): Promise<void> {
  const handle = client.schedule.getHandle(scheduleId);
  try {
    if (wanted === null) await handle.delete();
    // What a person paused in Temporal stays paused.
    else await handle.update(({ state }) => ({ ...optionsOf(wanted), state }));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    if (wanted !== null) await client.schedule.create({ scheduleId, ...optionsOf(wanted) });
  }
}

/** A few minutes apart: workspaces that chose the same hours do not all begin at once. */
export function everyHours(hours: number): ScheduleSpec {
  return { intervals: [{ every: hours * 3_600_000 }], jitter: '5 min' };
}

function optionsOf(wanted: WantedSchedule) {
  const { workflowType, workflowId, workspaceId, request, summary, taskQueue } = wanted;
  return {
    spec: wanted.spec,
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: wanted.catchUpMs },
    action: {
      type: 'startWorkflow' as const,
      workflowType,
      workflowId,
      taskQueue,
      args: [request],
      typedSearchAttributes: [
        { key: { name: 'TenantId', type: 'KEYWORD' as const }, value: workspaceId },
      ],
      staticSummary: summary,
    },
  };
}
