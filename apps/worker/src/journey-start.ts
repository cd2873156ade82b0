/** How a run is started: ids that make a repeat harmless, and what a person reads about it in the Temporal UI. */
import type { WorkflowStartOptions } from '@temporalio/client';
import type { OutboxRow } from '@throughline/store/journeys';
import { journeyWorkflowId, type CustomerJourneyInput } from '@throughline/workflows/contract';

export interface StartSurroundings {
  readonly taskQueue: string;
  readonly publicUrl: string;
}

type StartOptions = WorkflowStartOptions & { args: [CustomerJourneyInput] };

/** Null when the enrolment is gone. */
export function startOptions(
  row: OutboxRow,
  { taskQueue, publicUrl }: StartSurroundings,
): StartOptions | null {
  const { workspaceId, enrolmentId, journeyKey, generation, version, customerId } = row;
  if (version === null || customerId === null) return null;
  return {
    workflowId: journeyWorkflowId(journeyKey, enrolmentId),
    taskQueue,
    args: [{ workspaceId, enrolmentId, journeyKey, generation, seq: 0 }],
    // A start repeated is one start; a restart replaces whatever run there is, and its generation shuts the old one out.
    ...(row.kind === 'restart'
      ? ({
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'TERMINATE_EXISTING',
        } as const)
      : ({ workflowIdReusePolicy: 'REJECT_DUPLICATE', workflowIdConflictPolicy: 'FAIL' } as const)),
    typedSearchAttributes: [
      { key: { name: 'JourneyKey', type: 'KEYWORD' }, value: journeyKey },
      { key: { name: 'JourneyVersion', type: 'INT' }, value: version },
      { key: { name: 'CustomerRef', type: 'KEYWORD' }, value: customerId },
      { key: { name: 'JourneyState', type: 'KEYWORD' }, value: 'active' },
      { key: { name: 'TenantId', type: 'KEYWORD' }, value: workspaceId },
    ],
    staticSummary: `${journeyKey} v${version} · customer ${customerId.slice(-8)}`,
    staticDetails: `[enrolment](${publicUrl}/api/v1/enrolments/${enrolmentId}) · [customer](${publicUrl}/api/v1/customers/${customerId})`,
  };
}
