/** What is to be done about an open enrolment, by what Temporal says of its run. */
import {
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';
import type { OpenEnrolment } from '@throughline/store/journeys';
import { journeyWorkflowId } from '@throughline/workflows/contract';
import { lastSeq } from './run-history.js';

export type Action =
  'none' | 'restart' | 'run_completed' | 'run_ahead' | 'run_missing_after_restore';

/** Held by us: without a person's word they stay as they are. */
const OUR_REASONS = ['run_completed', 'run_ahead', 'run_missing_after_restore'];

/** Ended by somebody or something else than the run itself. */
const CUT_SHORT: readonly string[] = ['TERMINATED', 'FAILED', 'TIMED_OUT', 'CANCELLED'];

export interface Comparing {
  readonly client: Client;
  readonly afterRestore: boolean;
}

export async function compareRun(comparing: Comparing, enrolment: OpenEnrolment): Promise<Action> {
  const { state, heldReason, asked } = enrolment;
  const isOurs = state === 'held' && OUR_REASONS.includes(heldReason ?? '');
  if (isOurs && !asked) return 'none';
  return isOurs ? ifNotRunning(comparing, enrolment) : decide(comparing, enrolment);
}

/** A person has asked something of an enrolment that we hold: only a run can answer, whatever became of the last one. */
async function ifNotRunning({ client }: Comparing, enrolment: OpenEnrolment): Promise<Action> {
  return (await statusOf(client, enrolment)) === 'RUNNING' ? 'none' : 'restart';
}

async function decide(
  { client, afterRestore }: Comparing,
  enrolment: OpenEnrolment,
): Promise<Action> {
  const status = await statusOf(client, enrolment);
  if (status === 'missing') return afterRestore ? 'run_missing_after_restore' : 'restart';
  if (status === 'COMPLETED') return 'run_completed';
  if (!CUT_SHORT.includes(status)) return 'none';
  return (await seqOfRun(client, enrolment)) > enrolment.seq ? 'run_ahead' : 'restart';
}

async function statusOf(
  client: Client,
  enrolment: OpenEnrolment,
): Promise<WorkflowExecutionStatusName | 'missing'> {
  try {
    return (await handleOf(client, enrolment).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'missing';
    throw error;
  }
}

async function seqOfRun(client: Client, enrolment: OpenEnrolment): Promise<number> {
  return lastSeq(await handleOf(client, enrolment).fetchHistory());
}

function handleOf(client: Client, { journeyKey, enrolmentId }: OpenEnrolment) {
  return client.workflow.getHandle(journeyWorkflowId(journeyKey, enrolmentId));
}
