/** One operation of Temporal's own tools, done to the run of one enrolment. */
import type { Connection } from '@temporalio/client';
import { journeyWorkflowId } from '@throughline/workflows/contract';
import type { EnrolmentRow } from './evidence.js';

export type Operation = 'terminate' | 'reset' | 'delete';

export async function carryOut(
  connection: Connection,
  namespace: string,
  { operation, enrolment }: { readonly operation: Operation; readonly enrolment: EnrolmentRow },
): Promise<void> {
  const { workflowService } = connection;
  const workflowId = journeyWorkflowId(enrolment.journey, enrolment.enrolmentId);
  const workflowExecution = { workflowId };
  const reason = 'a test of faults';
  switch (operation) {
    case 'terminate':
      await workflowService.terminateWorkflowExecution({ namespace, workflowExecution, reason });
      return;
    case 'delete':
      await workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
      return;
    case 'reset':
      await workflowService.resetWorkflowExecution({
        namespace,
        workflowExecution,
        reason,
        workflowTaskFinishEventId: await firstTask(connection, namespace, workflowId),
        requestId: workflowId,
      });
  }
}

/** The hardest reset: back to where the run had seen nothing but its start. */
async function firstTask({ workflowService }: Connection, namespace: string, workflowId: string) {
  const { history } = await workflowService.getWorkflowExecutionHistory({
    namespace,
    execution: { workflowId },
  });
  const first = history?.events?.find(
    (event) => event.workflowTaskCompletedEventAttributes != null,
  );
  return first?.eventId ?? null;
}
