import { z } from 'zod';
import type { Enrolment, JourneyNumbers, TrailRow } from '@throughline/store/workspaces';
import { iso, isoOrNull } from '../common/params.js';

const Time = z.iso.datetime();
const Counts = z.record(z.string(), z.int());

export const EnrolmentView = z.object({
  id: z.uuid(),
  journey: z.string(),
  version: z.int(),
  customerId: z.uuid().describe('who entered'),
  subjectId: z.uuid().describe('whose profile counts now; differs after a merge'),
  state: z.enum(['active', 'held', 'ended']),
  outcome: z.string().nullable(),
  heldReason: z.string().nullable(),
  step: z.string().nullable(),
  visit: z.int().nullable(),
  waitUntil: Time.nullable(),
  enteredAt: Time,
  endedAt: Time.nullable(),
  run: z.object({ workflowId: z.string(), url: z.url().describe('the run in the Temporal UI') }),
});

export const TrailEntryView = z.object({
  seq: z.int(),
  at: Time,
  step: z.string().nullable(),
  visit: z.int().nullable(),
  kind: z.string(),
  detail: z.record(z.string(), z.unknown()),
});

export const EnrolmentDetailView = EnrolmentView.extend({ trail: z.array(TrailEntryView) });

export interface RunLink {
  readonly workflowId: string;
  readonly url: string;
}

export function enrolmentView(row: Enrolment, run: RunLink): z.infer<typeof EnrolmentView> {
  const { command } = row;
  const deadline = command?.['kind'] === 'wait' ? command['deadline'] : null;
  return {
    id: row.enrolmentId,
    journey: row.journeyKey,
    version: row.version,
    customerId: row.customerId,
    subjectId: row.subjectId,
    state: row.state,
    outcome: row.outcome,
    heldReason: row.heldReason,
    step: textOrNull(command?.['step']),
    visit: numberOrNull(command?.['visit']),
    waitUntil: typeof deadline === 'number' ? iso(deadline) : null,
    enteredAt: iso(row.enteredAt),
    endedAt: isoOrNull(row.endedAt),
    run: { workflowId: run.workflowId, url: run.url },
  };
}

export function trailView(row: TrailRow): z.infer<typeof TrailEntryView> {
  const { seq, at, stepId, visit, kind, detail } = row;
  return { seq, at: iso(at), step: stepId, visit, kind, detail };
}

const StepNumbersView = z.object({
  version: z.int(),
  step: z.string(),
  entered: z.int(),
  waiting: z.int(),
  sent: z.int(),
  skipped: Counts.describe('by reason'),
  failed: Counts.describe('by code'),
  unknown: z.int(),
});

export const JourneyNumbersView = z.object({
  journey: z.string(),
  asOf: Time,
  entered: z.int(),
  active: z.int(),
  held: z.int(),
  ended: Counts.describe('by outcome'),
  converted: Counts.describe('by goal, of those who were not left out'),
  holdout: z.object({ entered: z.int(), converted: Counts.describe('by goal') }),
  steps: z.array(StepNumbersView),
});

export function numbersView(numbers: JourneyNumbers): z.infer<typeof JourneyNumbersView> {
  const { asOf, steps, ...rest } = numbers;
  return { ...rest, asOf: iso(asOf), steps: [...steps] };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
