/** What Temporal keeps of a workflow id: whether a run of it is open, and how its closed runs are forgotten. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { RunKeeper } from '@throughline/activities';

const NOT_FOUND = 5;

export function runKeeperOf(client: Client): RunKeeper {
  const { namespace } = client.options;

  /** Deletion is carried out later, by the server; a run that is gone by now is what was wanted. */
  const remove = async (workflowId: string, runId: string): Promise<void> => {
    try {
      await client.workflowService.deleteWorkflowExecution({
        namespace,
        workflowExecution: { workflowId, runId },
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  return {
    isOpen: async (workflowId) => (await latest(client, workflowId))?.open === true,
    forget: async (workflowId) => {
      // Pages and restarts are runs of their own.
      let found = 0;
      for await (const run of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
        found += 1;
        await remove(run.workflowId, run.runId);
      }
      const newest = await latest(client, workflowId);
      if (newest === null) return found === 0;
      if (!newest.open) await remove(workflowId, newest.runId);
      return false;
    },
  };
}

async function latest(
  client: Client,
  workflowId: string,
): Promise<{ readonly runId: string; readonly open: boolean } | null> {
  try {
    const { runId, status } = await client.workflow.getHandle(workflowId).describe();
    return { runId, open: status.name === 'RUNNING' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === NOT_FOUND;
}
